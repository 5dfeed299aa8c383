import { MAX_LINE_BYTES } from '../../../../src/backend/app-server/worker/process.ts';
import {
  startWorker,
  type Worker,
  type WorkerSettings,
} from '../../../../src/backend/app-server/worker/worker.ts';
import { commandOf, createFakeConnectionTrace, isAlive } from '../../../support/backend-process.ts';
import { aContext } from '../../../support/fake-connection.ts';
import { createFakeSpan, payloadsOf } from '../../../support/fake-span.ts';
import { GIVE_UP_MS } from '../../../support/give-up.ts';
import { textDelta, turnCompleted, turnStarted } from '../../../support/notifications.ts';
import { allOf, each } from '../../../support/turn-events.ts';

const settings = (command: string[], handshakeMs = GIVE_UP_MS): WorkerSettings => ({
  command,
  env: {},
  workdir: process.cwd(),
  clientVersion: '1.2.3',
  handshakeMs,
});

const workers: Worker[] = [];
const start = async (command = commandOf('answers'), handshakeMs?: number) => {
  const trace = createFakeConnectionTrace();
  const worker = await startWorker(settings(command, handshakeMs), trace);
  workers.push(worker);
  const say = (...messages: unknown[]) => worker.rpc.callRpc(aContext().context, 'test/say', { messages });
  return { trace, worker, say };
};

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop(0)));
});

test('a worker has shaken hands and knows its models, the configured one first, each once', async () => {
  const { worker, trace } = await start();
  expect(worker.models.map(({ id }) => id)).toEqual(['configured', 'model-a', 'model-b', 'model-c']);
  expect(trace.spans.map(({ name }) => name)).toEqual([
    'initialize',
    'config/read',
    'model/list',
    'model/list',
  ]);
  expect(trace.spans.every(({ ended }) => ended)).toBe(true);
  expect(trace.events[0]).toMatchObject({ kind: 'backend_start', payload: { pid: worker.pid } });
  const heard = await trace.waitFor(({ payload }) => payload['method'] === 'test/heard');
  expect(heard.payload['params']).toEqual({ method: 'initialized' });
});

test('notifications reach their turn, and many turns run at once', async () => {
  const { worker, say } = await start();
  const names = ['A', 'B', 'C'];
  const routes = names.map((name) => worker.turns.add(name, createFakeSpan(name), () => undefined));
  const notified = (each: [string, unknown]) => ({ method: each[0], params: each[1] });
  const round = (make: (name: string) => [string, unknown]) => names.map((name) => notified(make(name)));
  const ids = (name: string) => ({ threadId: name, turnId: `t-${name}` });
  await say(
    ...round((name) => turnStarted(ids(name))),
    ...round((name) => textDelta(`I am ${name}.`, 'm', ids(name))),
    ...round((name) => turnCompleted('completed', null, ids(name))),
  );
  for (const [index, route] of routes.entries()) {
    const events = await allOf(route.read());
    expect(events[0]).toEqual({ type: 'text', delta: `I am ${names[index]}.`, message: 0 });
  }
});

test('what is about no thread is recorded as the connection’s, and what is about an unknown one as an error', async () => {
  const { say, trace } = await start();
  await say(
    { method: 'configWarning', params: { summary: 'bubblewrap' } },
    { method: 'mcpServer/startupStatus/updated', params: { threadId: null, name: 'x' } },
    { method: 'turn/started', params: { threadId: 'nobody', turn: { id: 't' } } },
  );
  await trace.waitFor(({ payload }) => payload['method'] === 'turn/started');
  const ours = trace.events.slice(1).filter(({ payload }) => payload['method'] !== 'test/heard');
  expect(ours.map(({ kind, payload }) => [kind, payload['method']])).toEqual([
    ['rpc_notification', 'configWarning'],
    ['rpc_notification', 'mcpServer/startupStatus/updated'],
    ['trace_error', 'turn/started'],
  ]);
});

test('a request of the app-server is answered and recorded on the turn that it is about', async () => {
  const { worker, say, trace } = await start();
  const span = createFakeSpan('backend_io');
  worker.turns.add('th', span, () => undefined);
  await say({ id: 0, method: 'item/fileChange/requestApproval', params: { threadId: 'th', turnId: 't' } });
  await trace.waitFor(({ payload }) => JSON.stringify(payload).includes('decline'));
  expect(payloadsOf(span, 'rpc_request')).toMatchObject([
    { id: 0, method: 'item/fileChange/requestApproval' },
  ]);
  expect(payloadsOf(span, 'rpc_response')).toEqual([{ id: 0, result: { decision: 'decline' } }]);
});

test('a request that we do not know is refused by the code of the protocol, and recorded', async () => {
  const { say, trace } = await start();
  await say({ id: 'q', method: 'account/chatgptAuthTokens/refresh', params: {} });
  const reply = await trace.waitFor(({ kind }) => kind === 'rpc_response');
  expect(reply.payload).toMatchObject({ id: 'q', error: { code: -32601 } });
});

test('lines that are no messages are counted as errors of the trace, and the connection goes on', async () => {
  const { worker, say, trace } = await start();
  await say([], 'text', { id: 999, result: 1 });
  await worker.rpc.callRpc(null, 'config/read', {});
  expect(
    trace.events.filter(({ kind }) => kind === 'trace_error').map(({ payload }) => payload['reason']),
  ).toEqual(['no object', 'no object', 'an answer to no request of ours (id 999)']);
});

test('its exit fails the calls that wait and the turns in flight, each on its own trace', async () => {
  const { worker, trace } = await start();
  const span = createFakeSpan('backend_io');
  const route = worker.turns.add('th', span, () => undefined);
  worker.requests.enter();
  worker.requests.enter();
  const waiting = worker.rpc.callRpc(aContext().context, 'test/hang', {});
  const told = { code: 3, requests_in_flight: 2, pid: worker.pid, worker: 0, restarts: 0, recycled: null };
  const failed = expect(waiting).rejects.toMatchObject({ code: 'backend_exited', cause: told });
  worker.rpc.callRpc(null, 'test/exit', {}).catch(() => undefined);
  await failed;
  for await (const event of each(route.read())) {
    expect(event).toMatchObject({ type: 'failed', error: { code: 'backend_exited' } });
  }
  expect(payloadsOf(span, 'backend_exit')).toMatchObject([told]);
  expect(await worker.exited).toMatchObject({ code: 3 });
  expect(trace.events.at(-1)).toMatchObject({ kind: 'backend_exit', payload: told });
});

test('a call that is made while the process is just ending fails with its exit', async () => {
  const { worker } = await start();
  const stopped = worker.stop(GIVE_UP_MS);
  const late = worker.rpc.callRpc(aContext().context, 'config/read', {});
  await expect(late).rejects.toMatchObject({ code: 'backend_exited' });
  await stopped;
});

test('a process that ends before its handshake is told at once', async () => {
  await expect(start(commandOf('exits-at-once'))).rejects.toMatchObject({
    code: 'backend_exited',
    message: expect.stringContaining('exit code 4'),
  });
});

test('a program that does not exist is named', async () => {
  await expect(start(['/nowhere/codex'])).rejects.toMatchObject({
    code: 'backend_exited',
    message: expect.stringContaining('ENOENT'),
  });
});

test('a process that never answers is given up and does not stay', async () => {
  const trace = createFakeConnectionTrace();
  await expect(startWorker(settings(commandOf('never-answers'), 200), trace)).rejects.toMatchObject({
    code: 'backend_timeout',
  });
  expect(isAlive(trace.events[0]?.payload['pid'] as number)).toBe(false);
});

test('a turn whose answer lacks a message that was too long to be read fails, and others go on', async () => {
  const { worker, say } = await start();
  const [large, other] = ['A', 'B'].map((name) =>
    worker.turns.add(name, createFakeSpan(name), () => undefined),
  );
  const events = large && each(large.read());
  await say({
    method: 'item/agentMessage/delta',
    params: { threadId: 'A', turnId: 't', itemId: 'm', delta: 'x'.repeat(MAX_LINE_BYTES) },
  });
  expect((await events?.next())?.value).toMatchObject({
    type: 'failed',
    error: { code: 'answer_too_large' },
  });
  expect(other?.ended).toBe(false);
});

test('a message whose text looks like the beginning of one is nobody else’s', async () => {
  const { worker, say } = await start();
  const [first, second] = ['A', 'B'].map((name) =>
    worker.turns.add(name, createFakeSpan(name), () => undefined),
  );
  const delta = '{"method":"item/x","params":{"threadId":"B"'.padEnd(MAX_LINE_BYTES, 'x');
  await say({ method: 'item/agentMessage/delta', params: { delta, threadId: 'A' } });
  expect([first?.ended, second?.ended]).toEqual([false, false]);
});
