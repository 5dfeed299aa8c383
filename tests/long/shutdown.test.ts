import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { backendPid, untilDead } from '../support/backend-pid.ts';
import { chat, frames, post, user } from '../support/chat.ts';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { ALL_PHASES, eventsOf, kindsOf, phaseCounts, spansOf } from '../support/records.ts';

const MODEL = 'throughline-echo';
const FAULTS = fileURLToPath(new URL('../fixtures/faults.mjs', import.meta.url));

let gateway: GatewayProcess;
afterEach(() => gateway?.remove());

const stream = async (content: string) => {
  const response = await post(`${gateway.url}/v1/chat/completions`, {
    model: MODEL,
    stream: true,
    messages: user(content),
  });
  return { response, reqId: response.headers.get('x-request-id') ?? '' };
};

/** Resolves once the gateway says that it drains. */
const untilDraining = async (): Promise<Response> => {
  for (;;) {
    const ready = await fetch(`${gateway.url}/readyz`);
    if (ready.status === 503) return ready;
  }
};

test('a gateway that is told to stop still answers: probes, refusals and what was open', async () => {
  gateway = await startGateway();
  const open = await stream('/say a few words first\n/wait 1500\n/say and the last ones');
  const stopped = gateway.stop();

  expect(await (await untilDraining()).json()).toEqual({ status: 'unavailable', reason: 'draining' });
  expect((await fetch(`${gateway.url}/livez`)).status).toBe(200);
  const refused = await chat(gateway.url, { model: MODEL, messages: user('hello') });
  expect(refused.status).toBe(503);
  expect(JSON.parse(refused.text).error).toMatchObject({ code: 'shutting_down', request_id: refused.reqId });
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(refused.headers.get('connection')).toBe('close');

  const text = await open.response.text();
  expect(frames(text).at(-1)).toBe('[DONE]');
  expect(await stopped).toEqual({ code: 0, signal: null });
  const lines = await gateway.mirror();
  expect(phaseCounts(lines, refused.reqId)).toEqual({ http_ingress: 1, client_egress: 1, usage_summary: 1 });
  expect(phaseCounts(lines, open.reqId)).toEqual(ALL_PHASES);
  expect(spansOf(lines, open.reqId).map(({ name }) => name)).toContain('app_server.turn');
  expect((await gateway.usage()).map(({ outcome }) => outcome).sort()).toEqual(['completed', 'overloaded']);
  expect(gateway.log.filter(({ msg }) => msg.startsWith('stop'))).toMatchObject([
    { open_requests: 1, drain_ms: 10_000 },
    { msg: 'stopped' },
  ]);
});

test('a stream that does not end in time gets an error event, and everything is written down', async () => {
  gateway = await startGateway({ PROXY_DRAIN_MS: '200' });
  const { response, reqId } = await stream('/stall');
  const stopped = gateway.stop();
  const last = frames(await response.text()).at(-1);
  expect(last).toMatchObject({ error: { code: 'shutting_down', request_id: reqId } });
  expect(await stopped).toEqual({ code: 0, signal: null });
  const lines = await gateway.mirror();
  expect(phaseCounts(lines, reqId)).toEqual(ALL_PHASES);
  expect(kindsOf(lines, reqId)).not.toContain('client_sse_done');
  expect(spansOf(lines, reqId).map(({ name }) => name)).toEqual(
    expect.arrayContaining(['turn/interrupt', 'app_server.turn']),
  );
  expect(await gateway.usage()).toMatchObject([
    { req_id: reqId, outcome: 'overloaded', error_code: 'shutting_down' },
  ]);
});

test('a second signal ends everything at once, the backend too', async () => {
  gateway = await startGateway();
  const pid = await backendPid(gateway);
  const { response } = await stream('/deaf\n/stall');
  const stopped = gateway.stop();
  await untilDraining();
  expect(await gateway.kill('SIGTERM')).toEqual({ code: 1, signal: null });
  await stopped;
  await response.text().catch(() => '');
  await untilDead(pid);
});

test.each([
  ['an error that nobody caught', 'SIGUSR2', 'a fault that nobody caught'],
  ['a rejection that nobody handled', 'SIGWINCH', 'a rejection that nobody handled'],
] as const)('%s ends the process with 1, and what it knew is written down', async (_, signal, message) => {
  gateway = await startGateway({ NODE_OPTIONS: `--import=${FAULTS}` });
  const pid = await backendPid(gateway);
  const whole = await chat(gateway.url, { model: MODEL, messages: user('hello') });
  const { response, reqId } = await stream('/stall');
  expect(await gateway.kill(signal)).toEqual({ code: 1, signal: null });
  expect(frames(await response.text()).at(-1)).toMatchObject({
    error: { code: 'internal_error', request_id: reqId },
  });
  await untilDead(pid);
  const lines = await gateway.mirror();
  expect(phaseCounts(lines, reqId)).toEqual(ALL_PHASES);
  expect(eventsOf(lines, reqId).map(({ kind }) => kind)).toContain('client_sse');
  expect(phaseCounts(lines, whole.reqId)).toEqual(ALL_PHASES);
  const last = lines.find((line) => line.type === 'event' && line.kind === 'trace_error');
  expect(JSON.stringify(last)).toContain(message);
  expect(await gateway.usage()).toMatchObject([
    { req_id: whole.reqId, outcome: 'completed' },
    { req_id: reqId, outcome: 'gateway_error' },
  ]);
  expect(gateway.log.find(({ level }) => level === 'fatal')).toMatchObject({
    error: expect.stringContaining(message),
    open_requests: 1,
  });
});

describe('a gateway that has failed and still writes down what it knows', () => {
  it('takes nothing more, is not ready, and starts no backend again', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    gateway = await startGateway({
      NODE_OPTIONS: `--import ${FAULTS}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    });
    process.kill(gateway.pid, 'SIGUSR2');
    await gateway.waitForLog(({ msg }) => msg.startsWith('the gateway failed'));
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(503);
    const { status, text, reqId } = await chat(gateway.url, { model: MODEL, messages: user('hello') });
    expect([status, JSON.parse(text).error.code]).toEqual([503, 'shutting_down']);
    expect(await gateway.kill('SIGCONT')).toEqual({ code: 1, signal: null });
    expect(gateway.log.filter(({ msg }) => msg.includes('again') || msg.includes('lost'))).toEqual([]);
    expect(phaseCounts(await gateway.mirror(), reqId)).toEqual({
      http_ingress: 1,
      client_egress: 1,
      usage_summary: 1,
    });
    expect(await gateway.usage()).toMatchObject([{ req_id: reqId, outcome: 'overloaded' }]);
    silent.close();
  });
});

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s ends it in order', async (signal) => {
  gateway = await startGateway();
  expect(await gateway.kill(signal)).toEqual({ code: 0, signal: null });
});
