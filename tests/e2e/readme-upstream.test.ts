import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chat, streamedText, user } from '../support/chat.ts';
import { cleanEnv, isReady, type LogLine, runCli } from '../support/gateway.ts';
import { GIVE_UP_MS } from '../support/give-up.ts';
import { blockOf, commandsOf } from '../support/markdown.ts';
import { createUpstreamServer, type UpstreamServer } from '../support/upstream-server.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const OLLAMA = 'http://127.0.0.1:11434/v1';

let readme: string;
let server: UpstreamServer;
let folder: string;
const ends: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  readme = await readFile(join(ROOT, 'README.md'), 'utf8');
});
beforeEach(async () => {
  server = await createUpstreamServer();
  folder = await mkdtemp(join(tmpdir(), 'throughline-readme-'));
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  await server.close();
  await rm(folder, { recursive: true });
});

const commandOf = (start: string): string => {
  const command = commandsOf(readme).find((line) => line.startsWith(start));
  if (command === undefined) throw new Error(`the README has no command ${start}…`);
  return command;
};

/** Runs a command that starts a gateway, and gives its URL when it is ready. */
const start = async (command: string): Promise<string> => {
  const child = spawn('bash', ['-c', command], {
    cwd: ROOT,
    env: {
      ...cleanEnv(),
      PORT: '0',
      PROTO_LOG_PATH: join(folder, 'proto.ndjson'),
      TOKEN_LOG_PATH: join(folder, 'usage.ndjson'),
    },
    stdio: ['ignore', 'pipe', 'ignore'],
    // A group of its own: npm runs the gateway as a child.
    detached: true,
  });
  const closed = once(child, 'close');
  ends.push(() => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
    return closed;
  });
  for await (const line of createInterface({ input: child.stdout })) {
    // npm says first what it runs.
    const said: LogLine = line.startsWith('{') ? JSON.parse(line) : { msg: line };
    if (isReady(said)) {
      child.stdout.resume();
      return String(said['url']);
    }
  }
  throw new Error('the gateway ended before it was ready');
};

/** `trace`, once the last span of the request is in the file, where it comes up to 100 ms after the answer. */
const untilTraced = async (reqId: string): ReturnType<typeof runCli> => {
  const env = { PROTO_LOG_PATH: join(folder, 'proto.ndjson'), TOKEN_LOG_PATH: join(folder, 'usage.ndjson') };
  for (const begun = performance.now(); ; ) {
    const trace = await runCli(['trace', '--req-id', reqId], { cwd: ROOT, env });
    if (trace.stdout.includes('client_egress') || performance.now() - begun > GIVE_UP_MS) return trace;
  }
};

test('the command with a server starts a gateway that sends requests on to it, and trace shows them', async () => {
  const url = await start(commandOf('PROXY_UPSTREAM_URL=').replace(OLLAMA, server.url));
  const got = await chat(url, { model: 'llama3.2', stream: true, messages: user('hello there') });
  expect([got.status, streamedText(got.text)]).toEqual([200, 'Hello']);
  expect(server.calls.at(-1)?.headers['x-request-id']).toBe(got.reqId);
  const trace = await untilTraced(got.reqId);
  expect(trace.code).toBe(0);
  for (const name of ['└─ POST', '├─ backend_io', '├─ client_egress']) {
    expect(readme).toContain(name);
    expect(trace.stdout).toContain(name);
  }
  expect(trace.stdout).toContain('upstream_chunk');
});

test('the routes of the README, and the command with them, serve both backends and translate', async () => {
  const routes = join(folder, 'routes.yaml');
  await writeFile(routes, blockOf(readme, 'yaml').replace(OLLAMA, server.url));
  const url = await start(commandOf('PROXY_ROUTES=').replace('routes.yaml', routes));
  const echo = await chat(url, { model: 'throughline-echo', messages: user('hi') });
  expect(JSON.parse(echo.text).choices[0].message.content).toBe('You said: hi');
  const response = await fetch(`${url}/v1/responses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'fast', input: 'hi' }),
  });
  expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('"Hello"')]);
  expect(server.calls.at(-1)).toMatchObject({ path: '/v1/chat/completions', body: { model: 'llama3.2' } });
});
