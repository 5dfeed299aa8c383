import { backendPid } from '../support/backend-pid.ts';
import { chat, user } from '../support/chat.ts';
import { startCodexGateway } from '../support/codex-gateway.ts';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { createOtlpReceiver } from '../support/otlp-receiver.ts';

/** What a worker is asked for a sign of life. */
const QUESTION = 'thread/loaded/list';

const ask = ({ url }: GatewayProcess) => chat(url, { model: 'throughline-echo', messages: user('hello') });
const ready = async ({ url }: GatewayProcess) => {
  const response = await fetch(`${url}/readyz`);
  return { status: response.status, body: await response.json() };
};
const NOT_READY = { status: 503, body: { status: 'unavailable', reason: 'backend_not_ready' } };

let gateway: GatewayProcess;
beforeEach(async () => {
  gateway = await startGateway();
});
afterEach(() => gateway?.remove());

const said = (words: string) => gateway.waitForLog(({ msg }) => msg.startsWith(words));

test('an idle worker that hangs makes the gateway unready; a request waits until it answers again', async () => {
  const pid = await backendPid(gateway);
  process.kill(pid, 'SIGSTOP');
  await said('the backend answers nothing');
  expect(await ready(gateway)).toEqual(NOT_READY);
  const health = (await (await fetch(`${gateway.url}/healthz`)).json()) as {
    backend: { workers: unknown[] };
  };
  expect(health.backend.workers).toMatchObject([{ state: 'unresponsive', restarts: 0 }]);
  const waiting = ask(gateway);
  process.kill(pid, 'SIGCONT');
  expect((await waiting).status).toBe(200);
  await said('the backend answers again');
  expect((await ready(gateway)).status).toBe(200);
  expect(await backendPid(gateway)).toBe(pid);
  await gateway.stop();
  expect(JSON.stringify(await gateway.mirror())).not.toContain(QUESTION);
});

test('one that hangs for good is replaced, without a request to find it out', async () => {
  const pid = await backendPid(gateway);
  process.kill(pid, 'SIGSTOP');
  await said('the backend is sick');
  await said('the backend is ready again');
  expect((await ready(gateway)).status).toBe(200);
  expect((await ask(gateway)).status).toBe(200);
  await said('the sick backend has ended');
});

test('the real Codex answers as well, and what it is asked stands in no trace of its own', async () => {
  const receiver = await createOtlpReceiver();
  const codex = await startCodexGateway({ home: { otlpUrl: receiver.url } });
  const heard = (words: string) => codex.gateway.waitForLog(({ msg }) => msg.startsWith(words));
  try {
    const pid = await backendPid(codex.gateway);
    process.kill(pid, 'SIGSTOP');
    await heard('the backend answers nothing');
    process.kill(pid, 'SIGCONT');
    await heard('the backend answers again');
    expect((await ready(codex.gateway)).status).toBe(200);
    await codex.gateway.stop();
    const names = receiver.spans().map(({ name }) => name);
    expect(names).toContain('initialize');
    expect(names).not.toContain(QUESTION);
    expect(JSON.stringify(await codex.gateway.mirror())).not.toContain(QUESTION);
  } finally {
    await codex.remove();
    await receiver.close();
  }
});
