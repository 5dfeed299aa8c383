import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandOf, isAlive } from '../support/backend-process.ts';
import { streamedText, user } from '../support/chat.ts';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { ownSpansOf, phaseCounts, spansOf } from '../support/records.ts';
import { createWaiters } from '../support/wait-until.ts';

const BIN = fileURLToPath(new URL('../../bin/throughline.mjs', import.meta.url));
const MODEL = 'throughline-echo';

const request = (content: string, more = ''): string => {
  const body = JSON.stringify({ model: MODEL, stream: true, messages: user(content) });
  return `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n${more}\r\n${body}`;
};

describe('the gateway on the wire', () => {
  let gateway: GatewayProcess;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway?.remove());

  const open = () => {
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    return socket;
  };
  const exchange = async (bytes: string): Promise<string> => {
    const socket = open();
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.write(bytes);
    await once(socket, 'close');
    return answer;
  };

  it.each([
    ['no Host header', 'GET /v1/models HTTP/1.1\r\nconnection: close\r\n\r\n'],
    ['a Host header that is none', 'GET /v1/models HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n'],
    ['a user in the Host header', 'GET /v1/models HTTP/1.1\r\nhost: u:pw@h\r\nconnection: close\r\n\r\n'],
    ['a target that is no path', 'OPTIONS * HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n'],
    [
      'a target of another scheme',
      'GET ftp://x/v1/models HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n',
    ],
  ])('refuses %s in its own envelope, with an id, phases and one usage record', async (_, bytes) => {
    const answer = await exchange(bytes);
    const reqId = /x-request-id: (\S+)/i.exec(answer)?.[1] ?? '';
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain(`"request_id":"${reqId}"`);
    await gateway.waitForMirror((lines) => phaseCounts(lines, reqId).usage_summary);
    expect(phaseCounts(await gateway.mirror(), reqId)).toMatchObject({
      http_ingress: 1,
      client_egress: 1,
      usage_summary: 1,
    });
    expect(await gateway.usageOf(reqId)).toMatchObject([{ outcome: 'invalid_request' }]);
  });

  it('survives clients that reset a CONNECT', async () => {
    for (let tries = 0; tries < 40; tries++) {
      const socket = open();
      await once(socket, 'connect');
      socket.write('CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n');
      await new Promise(setImmediate);
      socket.resetAndDestroy();
    }
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
  });

  it('keeps a secret out of the trace state that it hands on', async () => {
    const secret = `sk-proj-${'Abcd1234'.repeat(4)}`;
    const trace = `traceparent: 00-${'d'.repeat(32)}-${'e'.repeat(16)}-01\r\ntracestate: good=1,k=${secret}\r\nconnection: close\r\n`;
    const answer = await exchange(request('hi', trace));
    const reqId = /x-request-id: (\S+)/i.exec(answer)?.[1] ?? '';
    await gateway.waitForMirror((lines) =>
      spansOf(lines, reqId).some(({ name }) => name === 'app_server.turn'),
    );
    const lines = JSON.stringify(await gateway.mirror());
    expect(lines).not.toContain(secret);
    expect(lines).toContain(`throughline=${reqId},good=1`);
  });

  it('lets every thread go, also when clients leave just as their turn ends', async () => {
    /** Leaves with the piece of its answer that has this number, or with the last one. */
    const leave = async (piece: number): Promise<void> => {
      const socket = open();
      let pieces = 0;
      socket.on('data', (chunk) => {
        if (++pieces >= piece || String(chunk).includes('[DONE]')) socket.destroy();
      });
      socket.write(request('a b c'));
      await once(socket, 'close');
    };
    await Promise.all(Array.from({ length: 60 }, (_, index) => leave(1 + (index % 6))));
    const balance = (lines: Awaited<ReturnType<GatewayProcess['mirror']>>, name: string): number =>
      lines.filter((line) => line.type === 'span' && line.service === 'throughline' && line.name === name)
        .length;
    await gateway.waitForMirror(
      (lines) =>
        balance(lines, 'thread/start') === balance(lines, 'thread/unsubscribe') &&
        balance(lines, 'thread/start') > 40,
    );
  });

  /** A client that sends these bytes and keeps what it gets. */
  const follow = (bytes: string) => {
    const socket = open();
    const waiters = createWaiters();
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
      waiters.notify();
    });
    socket.write(bytes);
    return {
      socket,
      answer: () => answer,
      until: (text: string) =>
        waiters.until(
          () => answer.includes(text),
          () => answer.slice(-300),
        ),
    };
  };

  it('counts the second of two pipelined requests while it runs', async () => {
    const { socket, until } = follow(request('first') + request('/say one two\n/stall'));
    await until('"one "');
    expect(await (await fetch(`${gateway.url}/healthz`)).json()).toMatchObject({ open_requests: 1 });
    socket.destroy();
  });

  it('answers pipelined requests one after the other, and ends only after the second', async () => {
    const {
      socket,
      until,
      answer: got,
    } = follow(request('first') + request('/long 150', 'connection: close\r\n'));
    await until('word1 ');
    const closed = once(socket, 'close');
    const { code } = await gateway.stop();
    await closed;
    const answer = got();
    expect(code).toBe(0);
    expect(answer.match(/data: \[DONE\]/g)).toHaveLength(2);
    expect(streamedText(answer.replaceAll(/\r\n[0-9a-f]+\r\n/g, ''))).toContain('word150');
    const ids = [...answer.matchAll(/x-request-id: (\S+)/gi)].map(([, id = '']) => id);
    for (const id of ids)
      expect(
        ownSpansOf(await gateway.mirror(), id).filter(({ name }) => name === 'usage_summary'),
      ).toHaveLength(1);
  });
});

describe('a gateway whose backend never answers', () => {
  it('ends in order when it is told to while it starts, and leaves no process behind', async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'throughline-test-'));
    const [file, script] = commandOf('never-answers');
    const child = spawn(process.execPath, [BIN, 'serve'], {
      cwd,
      env: {
        ...process.env,
        PORT: '0',
        PROXY_APP_SERVER_CMD: `${file} ${script}`,
        PROTO_LOG_PATH: join(cwd, 'proto.ndjson'),
      },
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    const readPid = async (): Promise<number> => {
      for (;;) {
        const text = await readFile(join(cwd, 'proto.ndjson'), 'utf8').catch(() => '');
        const up = text.split('\n').find((line) => line.includes('test/up'));
        if (up) return JSON.parse(up).payload.params.pid;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const pid = await readPid();
    child.kill('SIGTERM');
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
    expect(isAlive(pid)).toBe(false);
    await rm(cwd, { recursive: true });
  });
});
