import { createAppServerBackend } from '../../../src/backend/app-server/app-server-backend.ts';
import { aTurn, clientLeft } from '../../support/fake-exchange.ts';
import { createFakeSpan } from '../../support/fake-span.ts';
import { settle } from '../../support/fake-timing.ts';
import { AT_WORK, createFakeWorker } from '../../support/fake-worker.ts';
import { textDelta, turnCompleted } from '../../support/notifications.ts';

type Answers = Parameters<typeof createFakeWorker>[0];

const open = (answers: Answers = {}, { connectMs = 60_000, interruptMs = 60_000 } = {}) => {
  const worker = createFakeWorker(answers);
  const controller = new AbortController();
  const backend = createAppServerBackend(worker.supervisor, AT_WORK, { connectMs, interruptMs });
  const context = { span: createFakeSpan('backend_submission'), signal: controller.signal };
  const submit = () => backend.submit(context, aTurn());
  return { ...worker, controller, submit, backend, context };
};

const noAnswer = () => [];
const refusal = () => [{ error: { code: -32600, message: 'no' } }];

/** Leaves a turn in the middle of its answer. */
const leave = async ({ submit, say }: ReturnType<typeof open>): Promise<void> => {
  const running = await submit();
  say(...textDelta('Hi'));
  for await (const _ of running.events) break;
};

/** How a worker that is well looks once everything has been cleaned up. */
const expectWell = async ({ worker, called }: ReturnType<typeof open>): Promise<void> => {
  await called('thread/unsubscribe');
  await new Promise<void>((resolve) => worker.load.whenIdle(resolve));
  const sick = await Promise.race([worker.sick, settle().then(() => null)]);
  expect(sick).toBeNull();
};

test('a turn that goes on after its interrupt makes the worker sick, and its thread is let go all the same', async () => {
  const opened = open({}, { interruptMs: 5 });
  await leave(opened);
  expect(await opened.worker.sick).toBe('a turn did not end after turn/interrupt within 5 ms');
  await opened.called('thread/unsubscribe');
  await new Promise<void>((resolve) => opened.worker.load.whenIdle(resolve));
});

test.each([
  ['turn/interrupt', 'a turn did not end after turn/interrupt'],
  ['turn/start', 'a turn did not end after turn/interrupt'],
])('a %s that is not answered makes the worker sick', async (method, reason) => {
  const opened = open({ [method]: noAnswer }, { interruptMs: 5, connectMs: 5 });
  await leave(opened).catch(() => undefined);
  expect(await opened.worker.sick).toContain(reason);
});

test('a thread/unsubscribe that is not answered makes the worker sick', async () => {
  const opened = open({ 'thread/unsubscribe': noAnswer }, { interruptMs: 5 });
  const running = await opened.submit();
  opened.say(...turnCompleted());
  for await (const _ of running.events);
  expect(await opened.worker.sick).toBe('thread/unsubscribe was not answered within 5 ms');
});

test('a thread/start that is not answered in time ends the request, and then makes the worker sick', async () => {
  const { submit, worker } = open({ 'thread/start': noAnswer }, { interruptMs: 5, connectMs: 5 });
  await expect(submit()).rejects.toMatchObject({
    code: 'backend_connect_timeout',
    status: 504,
    message: expect.stringContaining('PROXY_CONNECT_TIMEOUT_MS'),
  });
  expect(await worker.sick).toBe('thread/start was not answered within 5 ms');
  await settle();
  expect(worker.load.count).toBe(0);
});

test('a list of models that is not answered in time ends the request, and then makes the worker sick', async () => {
  const limits = { interruptMs: 5, connectMs: 5 };
  const { backend, context, worker } = open({ 'config/read': noAnswer }, limits);
  await expect(backend.models(context)).rejects.toMatchObject({ code: 'backend_connect_timeout' });
  expect(await worker.sick).toBe('config/read was not answered within 5 ms');
  await settle();
  expect(worker.load.count).toBe(0);
});

test('a list of models that is answered when nobody waits any more is no illness', async () => {
  const { backend, context, worker, called, controller } = open({ 'config/read': noAnswer });
  const asked = backend.models(context);
  const { id } = await called('config/read');
  controller.abort(clientLeft());
  await expect(asked).rejects.toMatchObject({ code: 'client_disconnected' });
  expect(worker.load.count).toBe(1);
  worker.rpc.receive(JSON.stringify({ id, result: { config: {} } }));
  await settle();
  expect(worker.load.count).toBe(0);
});

test.each([
  ['thread/start', 'a refusal', { error: { code: -32600, message: 'no' } }],
  ['config/read', 'a refusal', { error: { code: -32600, message: 'no' } }],
  ['thread/start', 'nonsense', { result: 5 }],
  ['config/read', 'nonsense', { result: 5 }],
])('a %s that is answered with %s when nobody waits any more is no illness', async (method, _, answer) => {
  const { submit, backend, context, worker, called, controller } = open({ [method]: noAnswer });
  const asked = method === 'config/read' ? backend.models(context) : submit();
  const { id } = await called(method);
  controller.abort(clientLeft());
  await expect(asked).rejects.toMatchObject({ code: 'client_disconnected' });
  expect(worker.load.count).toBe(1);
  worker.rpc.receive(JSON.stringify({ id, ...answer }));
  await settle();
  expect(worker.load.count).toBe(0);
});

test.each(['thread/start', 'config/read'])(
  'a request that waits for %s is one in flight, and none once it has ended',
  async (method) => {
    const { submit, backend, context, worker, called, controller } = open({ [method]: noAnswer });
    const asked = method === 'config/read' ? backend.models(context) : submit();
    await called(method);
    expect(worker.requests.count).toBe(1);
    controller.abort(clientLeft());
    await expect(asked).rejects.toMatchObject({ code: 'client_disconnected' });
    expect([worker.requests.count, worker.load.count]).toEqual([0, 1]);
  },
);

test('a turn is in flight until its answer has ended, not until it is cleaned up', async () => {
  const opened = open();
  const running = await opened.submit();
  expect(opened.worker.requests.count).toBe(1);
  running.release();
  await opened.called('turn/interrupt');
  expect([opened.worker.requests.count, opened.worker.load.count]).toEqual([0, 1]);
});

test('a worker is busy with a turn until it is cleaned up', async () => {
  const opened = open();
  await leave(opened);
  await opened.called('turn/interrupt');
  expect(opened.worker.load.count).toBe(1);
  opened.say(...turnCompleted('interrupted'));
  await expectWell(opened);
});

test('an interrupt that is refused, since the turn has ended by then, is no illness', async () => {
  const opened = open({ 'turn/interrupt': refusal });
  await leave(opened);
  await opened.called('turn/interrupt');
  opened.say(...turnCompleted());
  await expectWell(opened);
});

test('a turn that is refused leaves nothing to interrupt and no illness', async () => {
  const opened = open({ 'turn/start': refusal });
  await expect(opened.submit()).rejects.toMatchObject({ code: 'backend_error' });
  await expectWell(opened);
  expect(opened.calls.map(({ method }) => method)).not.toContain('turn/interrupt');
});

test.each(['thread/start', 'model/list'])('a %s that is refused leaves the worker free', async (method) => {
  const { submit, backend, context, worker } = open({
    [method]: refusal,
    'config/read': () => [{ result: { config: {} } }],
  });
  const asked = method === 'model/list' ? backend.models(context) : submit();
  await expect(asked).rejects.toMatchObject({ code: 'backend_error' });
  expect(worker.load.count).toBe(0);
});

test('a model that is unknown leaves the worker free', async () => {
  const { backend, context, worker } = open();
  const asked = backend.submit(context, aTurn({ model: 'gpt-9' }));
  await expect(asked).rejects.toMatchObject({ code: 'model_not_found' });
  expect(worker.load.count).toBe(0);
});

test('a client that leaves while its thread is opened has it let go as soon as it is there', async () => {
  const opened = open({ 'thread/start': noAnswer });
  const submitted = opened.submit();
  const { id } = await opened.called('thread/start');
  opened.controller.abort(clientLeft());
  await expect(submitted).rejects.toMatchObject({ code: 'client_disconnected' });
  expect(opened.worker.load.count).toBe(1);
  opened.worker.rpc.receive(JSON.stringify({ id, result: { thread: { id: 'late' } } }));
  await expectWell(opened);
  expect(opened.turns.active).toEqual([]);
});
