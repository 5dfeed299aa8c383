import { createHash, type Hash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { answerBytes, openAnswer, sha256 } from '../support/byte-client.ts';
import { chat, user } from '../support/chat.ts';
import type { GatewayProcess } from '../support/gateway.ts';
import { startRouted } from '../support/routed-gateway.ts';
import {
  createUpstreamServer,
  frame,
  sendJson,
  streamWords,
  type UpstreamReply,
  type UpstreamServer,
} from '../support/upstream-server.ts';

const MIB = 2 ** 20;
const STREAM_BYTES = 150 * MIB;
const UPLOAD_BYTES = 20 * MIB;
/** How much more memory the gateway may hold while it passes something large on: what waits for telemetry, and the garbage of two threads. */
const MAX_GROWTH_MIB = 128;

/** The memory that a process holds, and the most that it has held since `forgetPeak`, in MiB. */
const memoryOf = async (pid: number): Promise<{ now: number; peak: number }> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const of = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  return { now: of('VmRSS'), peak: of('VmHWM') };
};
const forgetPeak = (pid: number): Promise<void> => writeFile(`/proc/${pid}/clear_refs`, '5');

/** What a server has written of a long stream. */
interface Poured {
  readonly hash: Hash;
  bytes: number;
}

const WORDS = 'one two — three ☃ four 😀 '.repeat(250);

/** No two are alike, so that none can be lost or doubled unseen. */
const longFrame = (at: number): string =>
  frame({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'long',
    choices: [{ index: 0, delta: { content: `${at}: ${WORDS}` }, finish_reason: null }],
  });

const ENDING = `${frame({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}data: [DONE]\n\n`;

/** Streams so many bytes as fast as they are taken. */
const pour =
  (poured: Poured, bytes: number): UpstreamReply =>
  async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const gone = once(response, 'close');
    const write = async (text: string): Promise<void> => {
      poured.hash.update(text);
      poured.bytes += Buffer.byteLength(text);
      if (!response.write(text)) await Promise.race([once(response, 'drain'), gone]);
    };
    while (poured.bytes < bytes && !response.destroyed) await write(longFrame(poured.bytes));
    await write(ENDING);
    response.end();
  };

const emptyPoured = (): Poured => ({ hash: createHash('sha256'), bytes: 0 });

const hashOf = async (incoming: IncomingMessage): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of incoming) hash.update(chunk as Buffer);
  return hash.digest('hex');
};

let server: UpstreamServer;
let gateway: GatewayProcess;
/** What the server does with the next request. */
let reply: UpstreamReply;

const start = async (env: Record<string, string> = {}): Promise<void> => {
  server = await createUpstreamServer((response, call) => reply(response, call));
  const yaml = `backends:\n  server: { kind: http, url: "${server.url}", passthrough: true, usage: ask }\n`;
  gateway = await startRouted(yaml, { PROXY_MAX_BODY_BYTES: String(2 * UPLOAD_BYTES), ...env });
};

const stop = async (): Promise<void> => {
  await gateway?.remove();
  await server?.close();
};

const asks = JSON.stringify({ model: 'long', stream: true, messages: user('hi') });
const chatUrl = () => `${gateway.url}/v1/chat/completions`;

const MULTIPART = 'multipart/form-data; boundary=odd-7';
const multipart = (): Buffer =>
  Buffer.concat([
    Buffer.from('--odd-7\r\ncontent-disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'),
    randomBytes(UPLOAD_BYTES),
    Buffer.from('\r\n--odd-7--\r\n'),
  ]);

/** So many whole requests of others go through meanwhile without that the server writes more. */
const QUIET_REQUESTS = 20;

/** Resolves when nothing more is taken of what the server has. */
const untilHeldBack = async (poured: Poured): Promise<void> => {
  const quick = streamWords('Hi');
  const long = reply;
  reply = (response, call) => (call.body['model'] === 'quick' ? quick : long)(response, call);
  for (let quiet = 0; quiet < QUIET_REQUESTS; ) {
    const before = poured.bytes;
    await chat(gateway.url, { model: 'quick', stream: true, messages: user('hi') });
    quiet = poured.bytes === before ? quiet + 1 : 0;
  }
};

/** By how much more memory the gateway held at any moment of this than before it. */
const growthMiB = async (work: () => Promise<unknown>): Promise<number> => {
  await forgetPeak(gateway.pid);
  const { now } = await memoryOf(gateway.pid);
  await work();
  return (await memoryOf(gateway.pid)).peak - now;
};

describe('what is large', () => {
  beforeAll(() => start());
  afterAll(stop);

  test('a long stream comes as it was sent, and costs no memory', async () => {
    // What a first request costs once is no growth.
    const first = emptyPoured();
    reply = pour(first, 4 * MIB);
    expect(await hashOf(await openAnswer(chatUrl(), asks))).toBe(first.hash.digest('hex'));
    const poured = emptyPoured();
    const growth = await growthMiB(async () => {
      reply = pour(poured, STREAM_BYTES);
      expect(await hashOf(await openAnswer(chatUrl(), asks))).toBe(poured.hash.digest('hex'));
    });
    expect(poured.bytes).toBeGreaterThanOrEqual(STREAM_BYTES);
    expect(growth).toBeLessThan(MAX_GROWTH_MIB);
  });

  test('a large upload reaches the server as it was sent, and costs no memory', async () => {
    reply = sendJson(200, { id: 'file-1' });
    const upload = multipart();
    const growth = await growthMiB(async () => {
      const sending = answerBytes(`${gateway.url}/v1/files`, upload, { 'content-type': MULTIPART });
      const call = await server.nextCall();
      expect(call.headers).toMatchObject({
        'content-type': MULTIPART,
        'content-length': String(upload.length),
      });
      expect([call.raw.length, sha256(call.raw)]).toEqual([upload.length, sha256(upload)]);
      const { status, bytes } = await sending;
      expect([status, bytes.toString()]).toEqual([200, '{"id":"file-1"}']);
    });
    expect(growth).toBeLessThan(MAX_GROWTH_MIB);
  });

  test('a slow client holds the server back, and gets all of it at last', async () => {
    const poured = emptyPoured();
    reply = pour(poured, STREAM_BYTES);
    const incoming = await openAnswer(chatUrl(), asks);
    incoming.pause();
    await untilHeldBack(poured);
    expect(poured.bytes).toBeLessThan(STREAM_BYTES / 2);
    expect(await hashOf(incoming)).toBe(poured.hash.digest('hex'));
    expect(poured.bytes).toBeGreaterThanOrEqual(STREAM_BYTES);
  });
});

describe('a client that takes nothing', () => {
  beforeAll(() => start({ PROXY_CLIENT_STALL_MS: '500' }));
  afterAll(stop);

  test('is cut off, and the server is told to stop', async () => {
    const poured = emptyPoured();
    reply = pour(poured, 4 * STREAM_BYTES);
    const asked = server.nextCall();
    const incoming = await openAnswer(chatUrl(), asks, { 'x-request-id': 'stalled' });
    incoming.on('error', () => undefined).pause();
    const call = await asked;
    expect(await gateway.accessLine('stalled')).toMatchObject({
      outcome: 'client_disconnect',
      error_code: 'client_stalled',
      status_code: 200,
    });
    await call.over;
    expect(poured.bytes).toBeLessThan(4 * STREAM_BYTES);
    incoming.destroy();
  });
});
