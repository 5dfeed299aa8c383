import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { commandOf } from '../support/backend-process.ts';
import { chat, user } from '../support/chat.ts';
import { type GatewayProcess, isListening, isReady, runCli, startGateway } from '../support/gateway.ts';

const EMBEDDED = fileURLToPath(new URL('../../src/app-server/main.ts', import.meta.url));
const MODEL = 'throughline-echo';

let gateway: GatewayProcess | undefined;
afterEach(async () => {
  await gateway?.remove();
  gateway = undefined;
});

const start = async (env: Record<string, string>) => {
  const started = await startGateway(env, isListening);
  gateway = started;
  const ask = () => chat(started.url, { model: MODEL, messages: user('hello') });
  const probe = async (path: string) => {
    const response = await fetch(`${started.url}${path}`);
    return { status: response.status, body: (await response.json()) as unknown };
  };
  return { ...started, ask, probe };
};

test('while its backend starts it lives, is not ready, and gives a request time before it refuses it', async () => {
  const PROXY_APP_SERVER_CMD = commandOf('never-answers').join(' ');
  const { log, ask, probe, stop } = await start({ PROXY_APP_SERVER_CMD, PROXY_CONNECT_TIMEOUT_MS: '200' });
  expect(JSON.stringify(log)).not.toMatch(/ready/i);
  expect((await probe('/livez')).status).toBe(200);
  const starting = { status: 'unavailable', reason: 'backend_starting' };
  expect(await probe('/readyz')).toEqual({ status: 503, body: starting });
  expect(await probe('/healthz')).toMatchObject({
    status: 503,
    body: { ...starting, backend: { ready: false, workers: [{ state: 'starting' }] } },
  });
  const { status, text, headers } = await ask();
  expect([status, JSON.parse(text).error.code]).toEqual([503, 'backend_unavailable']);
  expect(headers.get('retry-after')).toBe('1');
  expect(await stop()).toEqual({ code: 0, signal: null });
});

test('a first start that fails is followed by another, which a request waits for', async () => {
  // The first one makes the directory and ends; the second one cannot make it, and stays.
  const PROXY_APP_SERVER_CMD = `sh -c "mkdir once || exec ${process.execPath} ${EMBEDDED}"`;
  // Both in one folder: without this each start has a fresh one.
  const PROXY_CODEX_WORKDIR = 'work';
  const { url, log, ask, probe, waitForLog } = await start({ PROXY_APP_SERVER_CMD, PROXY_CODEX_WORKDIR });
  expect((await ask()).status).toBe(200);
  expect(await waitForLog(isReady)).toMatchObject({ url });
  expect(await probe('/readyz')).toEqual({ status: 200, body: { status: 'ok' } });
  const said = log.find(({ level }) => level === 'error');
  expect(said).toMatchObject({ error: expect.stringContaining('exit code 0') });
  expect(said?.msg).toContain('cannot start the backend sh (PROXY_APP_SERVER_CMD)');
});

test('a backend that never starts uses its attempts up, and the gateway says so and stays', async () => {
  const { ask, probe, waitForLog } = await start({ PROXY_APP_SERVER_CMD: 'false', PROXY_MAX_RESTARTS: '1' });
  await waitForLog(({ msg }) => msg.includes('PROXY_MAX_RESTARTS'));
  expect((await probe('/readyz')).body).toEqual({ status: 'unavailable', reason: 'backend_not_ready' });
  expect((await ask()).status).toBe(503);
});

test.each([
  ['/nowhere/codex', 'PROXY_APP_SERVER_CMD', ' --key private'],
  [tmpdir(), 'PROXY_APP_SERVER_CMD', ' --key private'],
  ['/nowhere/codex', 'CODEX_BIN', ''],
])('the program %s of %s, which cannot be run, ends the gateway with one line', async (path, name, rest) => {
  const env = { PORT: '0', [name]: `${path}${rest}`, PROXY_CODEX_WORKDIR: tmpdir(), PROXY_ENV: 'production' };
  const { code, stdout, stderr } = await runCli(['serve'], { cwd: tmpdir(), env });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^throughline: cannot start the backend \S+ \([A-Z_]+\): .*\n$/);
  expect(stderr).toContain(`cannot start the backend ${path} (${name}): `);
  expect(stdout).not.toContain('cannot start');
  expect(stdout + stderr).not.toContain('private');
});

test.each([
  [{ LOG_PROTO: 'false' }, /^throughline: LOG_PROTO=false while PROXY_ENV is dev: .*\n$/],
  [{ PROXY_ENV: 'production' }, /^$/],
  [{}, /^$/],
])('with %j stderr says whether a mirror is missed', async (env, expected) => {
  const { stderr, stop } = await start(env);
  await stop();
  expect(stderr()).toMatch(expected);
});

test('the start line says what of the files is removed', async () => {
  const { waitForLog } = await start({ PROXY_RETENTION_DAYS: '30', PROXY_MIRROR_MAX_BYTES: '33554432' });
  expect(await waitForLog(isReady)).toMatchObject({
    retention: 'mirror up to 33554432 bytes, usage log without a bound, both for 30 days',
  });
});
