import { clientLeft } from '../../support/fake-exchange.ts';
import { openAdmission, settle } from './support.ts';

test('as many as there are places enter at once, the next one waits until one is given back', async () => {
  const { admission, ask } = openAdmission({ maxConcurrency: 2 });
  const [first, second, third] = [ask(), ask(), ask()];
  await settle();
  expect([first, second, third].map(({ state }) => state)).toEqual(['running', 'running', 'waiting']);
  expect(admission.state).toEqual({ running: 2, streams: 0, waiting: 1 });
  first.release();
  await settle();
  expect(third.state).toBe('running');
  expect(admission.state).toEqual({ running: 2, streams: 0, waiting: 0 });
});

test('a place that is given back twice is free once', async () => {
  const { admission, ask } = openAdmission({ maxConcurrency: 2 });
  const [first] = [ask(), ask()];
  await settle();
  first.release();
  first.release();
  expect(admission.state.running).toBe(1);
});

test('streams have a limit of their own, which plain requests pass by', async () => {
  const { ask } = openAdmission({ maxConcurrency: 3, maxStreams: 1 });
  const [stream, waiting, plain] = [ask(null, true), ask(null, true), ask(null, false)];
  await settle();
  expect([stream, waiting, plain].map(({ state }) => state)).toEqual(['running', 'waiting', 'running']);
  plain.release();
  await settle();
  expect(waiting.state).toBe('waiting');
  stream.release();
  await settle();
  expect(waiting.state).toBe('running');
});

test('who finds the queue full is refused at once, and told when to come again', async () => {
  const { ask } = openAdmission({ maxConcurrency: 1, queueMax: 1, queueWaitMs: 2_500 });
  const [, , refused] = [ask(), ask(), ask()];
  await settle();
  expect(refused.error).toMatchObject({
    code: 'queue_full',
    status: 503,
    outcome: 'overloaded',
    headers: { 'retry-after': '3' },
  });
});

test('without a queue whoever finds no place is refused', async () => {
  const { ask } = openAdmission({ maxConcurrency: 1, queueMax: 0 });
  const [, refused] = [ask('a'), ask('b')];
  await settle();
  expect(refused.error?.code).toBe('queue_full');
});

test('who waits too long is refused, and its place in the queue is free', async () => {
  const { admission, timers, ask } = openAdmission({ maxConcurrency: 1, queueMax: 1, queueWaitMs: 2_000 });
  const [first, waiting] = [ask(), ask()];
  timers.advance(1_999);
  await settle();
  expect(waiting.state).toBe('waiting');
  timers.advance(1);
  await settle();
  expect(waiting.error).toMatchObject({
    code: 'queue_timeout',
    status: 503,
    outcome: 'overloaded',
    headers: { 'retry-after': '2' },
  });
  first.release();
  expect(admission.state).toEqual({ running: 0, streams: 0, waiting: 0 });
});

test('a client that leaves while it waits gives up its place in the queue, and no timer stays', async () => {
  const { admission, timers, ask } = openAdmission({ maxConcurrency: 1 });
  const [, waiting, next] = [ask(), ask(), ask()];
  waiting.leave(clientLeft());
  await settle();
  expect(waiting.error?.code).toBe('client_disconnected');
  expect(admission.state.waiting).toBe(1);
  next.leave(clientLeft());
  await settle();
  expect(timers.pending).toBe(0);
});

test('a client that has left already takes nothing', async () => {
  const { admission } = openAdmission({});
  const signal = AbortSignal.abort(clientLeft());
  await expect(admission.admit({ key: null, stream: true, signal })).rejects.toMatchObject({
    code: 'client_disconnected',
  });
  expect(admission.state.running).toBe(0);
});

test('one that leaves after it has entered still has its place, until it gives it back', async () => {
  const { admission, ask } = openAdmission({ maxConcurrency: 1 });
  const [first, second] = [ask(), ask()];
  await settle();
  first.release();
  await settle();
  second.leave(clientLeft());
  await settle();
  expect(admission.state).toEqual({ running: 1, streams: 0, waiting: 0 });
  second.release();
  expect(admission.state.running).toBe(0);
});

test('once it is closed everybody is refused, those that wait included; who runs goes on', async () => {
  const { admission, ask } = openAdmission({ maxConcurrency: 1 });
  const [running, waiting] = [ask(), ask()];
  await settle();
  admission.close();
  const late = ask();
  await settle();
  for (const { error } of [waiting, late]) {
    expect(error).toMatchObject({
      code: 'shutting_down',
      headers: { 'retry-after': '1', connection: 'close' },
    });
  }
  expect(running.state).toBe('running');
  running.release();
  expect(admission.state).toEqual({ running: 0, streams: 0, waiting: 0 });
});
