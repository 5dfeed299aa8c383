import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { type GatewayProcess, isReady, runCli } from '../../support/gateway.ts';
import { untilGone } from '../../support/until-gone.ts';
import { ask, chat, healthOf, hold, isBack, isRestart, pidsOf, startTwo } from './support.ts';

let gateway: GatewayProcess | undefined;
afterEach(async () => {
  await gateway?.remove();
  gateway = undefined;
});

const start = async (env: Record<string, string> = {}): Promise<GatewayProcess> => {
  gateway = await startTwo(env);
  return gateway;
};

const slow = (url: string) => chat(url, '/say first\n/wait 1200\n/say last', { stream: true });

test('after SIGTERM both processes let what is open end, and nothing is left', async () => {
  const { url, stop, log, usage } = await start();
  const pids = await pidsOf(url);
  const answers = [slow(url), slow(url)];
  await Promise.all([hold(url), hold(url)].map(async (held) => (await held).leave()));
  expect(await stop()).toEqual({ code: 0, signal: null });
  for (const { status, text } of await Promise.all(answers)) {
    expect(status).toBe(200);
    expect(text).toContain('last');
    expect(text).toContain('[DONE]');
  }
  expect(log.filter(({ msg }) => /^stopp/.test(msg))).toHaveLength(2);
  expect((await usage()).filter(({ outcome }) => outcome === 'completed')).toHaveLength(2);
  for (const pid of pids) expect(await untilGone(pid)).toBe(true);
});

test('a signal to the whole group, as a terminal sends it, is one signal', async () => {
  const { url, stop, pid } = await start();
  const answers = [slow(url), slow(url)];
  await Promise.all([hold(url), hold(url)].map(async (held) => (await held).leave()));
  for (const member of await pidsOf(url)) process.kill(member, 'SIGINT');
  process.kill(pid, 'SIGINT');
  for (const { text } of await Promise.all(answers)) expect(text).toContain('[DONE]');
  expect((await gateway?.exited)?.code).toBe(0);
  await stop();
});

test('a second signal ends all at once', async () => {
  const { url, kill, waitForLog, stop } = await start();
  const pids = await pidsOf(url);
  const held = [hold(url), hold(url)];
  await Promise.all(held);
  void stop();
  await waitForLog(({ msg }) => msg.startsWith('stopping'));
  expect(await kill('SIGTERM')).toEqual({ code: 1, signal: null });
  for (const pid of pids) expect(await untilGone(pid)).toBe(true);
});

test('where one process is killed, its requests fail, the others go on, and it is started again', async () => {
  const { url, waitForLog, log } = await start();
  const [first = 0, second = 0] = await pidsOf(url);
  const answers = [slow(url), slow(url)].map((answer) => answer.then(({ text }) => text, String));
  await Promise.all([hold(url), hold(url)].map(async (held) => (await held).leave()));
  process.kill(first, 'SIGKILL');
  expect(await waitForLog(isRestart)).toMatchObject({ level: 'error', signal: 'SIGKILL', wait_ms: 100 });
  const ended = await Promise.all(answers);
  expect(ended.filter((text) => text.includes('[DONE]'))).toHaveLength(1);
  // While it starts, the other one serves what comes.
  const meanwhile = await Promise.all(Array.from({ length: 6 }, () => chat(url, 'hi')));
  expect(meanwhile.map(({ status }) => status)).toEqual(meanwhile.map(() => 200));
  await waitForLog(isBack);
  const { status, processes } = await healthOf(url);
  expect(status).toBe('ok');
  expect(processes.map(({ restarts }) => restarts).sort()).toEqual([0, 1]);
  expect(processes.map(({ pid }) => pid)).toContain(second);
  expect(processes.map(({ pid }) => pid)).not.toContain(first);
  expect(log.filter(isReady)).toHaveLength(1);
});

test('no process outlives the primary, and what is open may end first', async () => {
  const { url, kill } = await start();
  const pids = await pidsOf(url);
  const answers = [slow(url), slow(url)];
  await Promise.all([hold(url), hold(url)].map(async (held) => (await held).leave()));
  void kill('SIGKILL');
  for (const { text } of await Promise.all(answers)) expect(text).toContain('[DONE]');
  for (const pid of pids) expect(await untilGone(pid)).toBe(true);
});

test('a head that Node refuses by itself is refused as by a process that listens itself', async () => {
  const { url } = await start();
  const large = await ask(`${url}/v1/chat/completions`, { headers: { 'x-much': 'x'.repeat(20_000) } });
  expect(large.status).toBe(431);
});

test('a port that is taken ends the start with one line', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const env = { PROXY_PROCESSES: '2', PORT: String(port), LOG_PROTO: 'false', PROXY_ENV: 'production' };
  const ran = await runCli(['serve'], { cwd: tmpdir(), env });
  taken.close();
  expect(ran).toEqual({
    ...{ code: 1, stdout: '' },
    stderr: `throughline: port ${port} of 127.0.0.1 is taken by another process; choose another one with PORT or --port\n`,
  });
});

test('a backend that cannot be started ends the start with one line', async () => {
  const env = {
    PROXY_PROCESSES: '2',
    PORT: '0',
    PROXY_APP_SERVER_CMD: '/nowhere/codex',
    PROXY_ENV: 'production',
  };
  const { code, stderr } = await runCli(['serve'], { cwd: tmpdir(), env });
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^throughline: cannot start the backend \/nowhere\/codex \(PROXY_APP_SERVER_CMD\): .*\n$/,
  );
});

test.each(['0', '65', 'all', '1.5'])('--processes %s is refused with one line', async (count) => {
  expect(await runCli(['serve', '--processes', count], { cwd: tmpdir() })).toMatchObject({
    ...{ code: 2, stdout: '' },
    stderr: `throughline: PROXY_PROCESSES=${count} is not valid: auto, or a whole number from 1 to 64\n`,
  });
});
