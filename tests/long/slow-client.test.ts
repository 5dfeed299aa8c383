import { readFile } from 'node:fs/promises';
import { chat, streamedText, user } from '../support/chat.ts';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { rawPost } from '../support/raw-request.ts';
import { kindsOf, phaseCounts } from '../support/records.ts';

const MODEL = 'throughline-echo';
const CHAT = '/v1/chat/completions';
/** More than the kernel takes for a client that reads nothing. */
const TOO_MANY = 40_000;
const ENOUGH = 500;

/** The memory that a process holds, in MiB. */
const residentMiB = async (pid: number): Promise<number> => {
  const [, pages = '0'] = (await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ');
  return (Number(pages) * 4096) / 2 ** 20;
};

describe('a client that reads nothing', () => {
  let gateway: GatewayProcess;
  beforeAll(async () => {
    gateway = await startGateway({
      PROXY_APP_SERVER_CMD: `${process.execPath} ${new URL('../../src/app-server/main.ts', import.meta.url).pathname} --word-delay-ms 0 --faults`,
      PROXY_CLIENT_STALL_MS: '500',
      LOG_PROTO: 'false',
    });
  });
  afterAll(() => gateway?.remove());

  const long = (words: number) => ({ model: MODEL, stream: true, messages: user(`/long ${words}`) });

  it('holds up its own stream alone, is cut off after a while, and costs little memory', async () => {
    const before = await residentMiB(gateway.pid);
    const slow = ['slow-0', 'slow-1'].map((reqId) => {
      const { socket } = rawPost(gateway.url, CHAT, long(TOO_MANY), { 'x-request-id': reqId });
      return { reqId, socket };
    });
    const quick = await chat(gateway.url, long(ENOUGH));
    expect(streamedText(quick.text).split(' ')).toHaveLength(ENOUGH);
    for (const { reqId, socket } of slow) {
      expect(await gateway.accessLine(reqId)).toMatchObject({
        outcome: 'client_disconnect',
        error_code: 'client_stalled',
        status_code: 200,
      });
      expect(await gateway.usageOf(reqId)).toMatchObject([{ error_code: 'client_stalled' }]);
      socket.destroy();
    }
    expect(await residentMiB(gateway.pid)).toBeLessThan(before + 150);
  });
});

describe('a stream that says nothing', () => {
  it('is kept alive with comments, before its first word too, and fails with an event then', async () => {
    const gateway = await startGateway({ PROXY_KEEPALIVE_MS: '100' });
    try {
      const { status, text, reqId } = await chat(gateway.url, {
        model: MODEL,
        stream: true,
        messages: user('/wait 350\n/fail serverOverloaded'),
      });
      expect(status).toBe(200);
      expect(text).toMatch(/^(: keepalive\n\n){2,}data: .*"code":"backend_overloaded"/s);
      await gateway.waitForMirror((lines) => phaseCounts(lines, reqId).usage_summary);
      const comments = kindsOf(await gateway.mirror(), reqId).filter((kind) => kind === 'keepalive');
      expect(comments).toHaveLength(text.split(': keepalive').length - 1);
      expect(await gateway.accessLine(reqId)).toMatchObject({ outcome: 'overloaded', status_code: 200 });
    } finally {
      await gateway.remove();
    }
  });
});

describe('a client that closes its sending side', () => {
  it('counts as one that has left, since nothing tells the two apart', async () => {
    const gateway = await startGateway();
    try {
      const { socket } = rawPost(
        gateway.url,
        CHAT,
        { model: MODEL, stream: true, messages: user('/stall') },
        { 'x-request-id': 'half-closed' },
      );
      socket.end();
      expect(await gateway.accessLine('half-closed')).toMatchObject({ outcome: 'client_disconnect' });
    } finally {
      await gateway.remove();
    }
  });
});
