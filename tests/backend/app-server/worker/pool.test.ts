import { createWorkerPool } from '../../../../src/backend/app-server/worker/pool.ts';
import { GatewayError } from '../../../../src/errors.ts';
import { clientLeft } from '../../../support/fake-exchange.ts';
import { createFakeStarts } from '../../../support/fake-starts.ts';
import { createFakeTiming, settle } from '../../../support/fake-timing.ts';

const CONNECT_MS = 5_000;
const nobodyLeaves = new AbortController().signal;

const open = (workers = 1, maxRestarts = 1000) => {
  const timing = createFakeTiming();
  const starts = createFakeStarts();
  const pool = createWorkerPool({
    workers,
    maxRestarts,
    start: starts.start,
    notes: starts.notes,
    timing,
  });
  const started = pool.started(nobodyLeaves);
  started.catch(() => undefined);
  return { pool, timing, starts, started };
};

test('it has started when its first worker is ready, and is ready while one is', async () => {
  const { pool, starts, started } = open(2);
  expect(pool.state.ready).toBe(false);
  const first = await starts.succeed();
  await started;
  expect(pool.state).toMatchObject({ ready: true, restarts: 0 });
  expect(pool.state.workers.map(({ worker, state }) => [worker, state])).toEqual([
    [0, 'ready'],
    [1, 'starting'],
  ]);
  await first.die();
  expect(pool.state).toMatchObject({ ready: false, restarts: 1 });
});

test('it starts however often its first worker has to be tried', async () => {
  const { pool, starts, started, timing } = open(2);
  await starts.fail();
  await starts.fail();
  expect(pool.state).toMatchObject({ ready: false, starting: true });
  await timing.advance(100);
  const worker = await starts.succeed();
  await started;
  expect(pool.state).toMatchObject({ ready: true, starting: false });
  await worker.die();
  expect(pool.state).toMatchObject({ ready: false, starting: false });
});

const missing = (): Error =>
  new GatewayError('backend_exited', 'The backend process ended.', { cause: { errno: 'ENOENT' } });

test('a command that cannot be started at all is tried once, and nothing is noted but the end', async () => {
  const { starts, started, timing } = open(2);
  await starts.fail(missing());
  await starts.fail(missing());
  await expect(started).rejects.toMatchObject({ code: 'backend_exited' });
  expect([starts.noted, timing.waits]).toEqual([[], []]);
});

test('a command that is missing for a while, once there was a worker, is tried again', async () => {
  const { pool, starts, started, timing } = open(2);
  await starts.succeed();
  await starts.fail(missing());
  await started;
  expect([starts.noted, timing.waits]).toEqual([['failed start'], [100]]);
  await timing.advance(100);
  await starts.succeed();
  expect(pool.state.workers.map(({ state }) => state)).toEqual(['ready', 'ready']);
});

test('it is starting no more once all attempts are used up', async () => {
  const { pool, starts, timing } = open(1, 1);
  await starts.fail();
  await timing.advance(100);
  await starts.fail();
  expect(pool.state).toMatchObject({ starting: false, workers: [{ restartLimitReached: true }] });
});

test('one of several that cannot be had at first is tried again', async () => {
  const { pool, starts, started, timing } = open(2);
  await starts.fail();
  await starts.succeed();
  await started;
  await timing.advance(100);
  await starts.succeed();
  expect(pool.state.workers.map(({ state }) => state)).toEqual(['ready', 'ready']);
});

test('each request goes to the worker that has the least to do, also when many come at once', async () => {
  const { pool, starts } = open(3);
  const workers = [await starts.succeed(), await starts.succeed(), await starts.succeed()];
  const uses = await Promise.all(Array.from({ length: 7 }, () => pool.use(nobodyLeaves, CONNECT_MS)));
  expect(workers.map(({ load }) => load.count)).toEqual([3, 2, 2]);
  for (const use of uses) if (use.worker === workers[1]) use.end();
  expect((await pool.use(nobodyLeaves, CONNECT_MS)).worker).toBe(workers[1]);
});

test('each is supervised alone: one that dies takes nothing from the others', async () => {
  const { pool, starts } = open(2);
  const [first, second] = [await starts.succeed(), await starts.succeed()];
  await first.die();
  expect((await pool.use(nobodyLeaves, CONNECT_MS)).worker).toBe(second);
  expect(pool.state.workers.map(({ state, restarts }) => [state, restarts])).toEqual([
    ['backing_off', 1],
    ['ready', 0],
  ]);
});

test('who finds no worker waits for the attempt under way', async () => {
  const { pool, starts } = open();
  const using = pool.use(nobodyLeaves, CONNECT_MS);
  const worker = await starts.succeed();
  expect((await using).worker).toBe(worker);
  expect(worker.load.count).toBe(1);
});

test('who finds no worker waits for the next attempt too, when that is soon enough', async () => {
  const { pool, starts, timing } = open();
  await (await starts.succeed()).die();
  const using = pool.use(nobodyLeaves, CONNECT_MS);
  await timing.advance(100);
  await starts.fail();
  await timing.advance(200);
  const worker = await starts.succeed();
  expect((await using).worker).toBe(worker);
});

test('who would wait longer than a request may is refused at once, and told when to come back', async () => {
  const { pool, starts, timing } = open(1, 1);
  await (await starts.succeed()).die();
  await timing.advance(100);
  const using = pool.use(nobodyLeaves, CONNECT_MS);
  const refused = expect(using).rejects.toMatchObject({
    code: 'backend_unavailable',
    status: 503,
    headers: { 'retry-after': '300' },
  });
  await starts.fail();
  await refused;
  await expect(pool.use(nobodyLeaves, CONNECT_MS)).rejects.toMatchObject({ code: 'backend_unavailable' });
});

test('who gives up waiting gets his own reason, and holds no worker afterwards', async () => {
  const { pool, starts } = open();
  const controller = new AbortController();
  const waiting = pool.use(controller.signal, CONNECT_MS);
  controller.abort(clientLeft());
  await expect(waiting).rejects.toMatchObject({ code: 'client_disconnected' });
  const worker = await starts.succeed();
  await expect(pool.use(controller.signal, CONNECT_MS)).rejects.toMatchObject({
    code: 'client_disconnected',
  });
  expect(worker.load.count).toBe(0);
});

test('who gives up in the moment in which a worker comes holds none either', async () => {
  const { pool, starts } = open();
  const controller = new AbortController();
  const waiting = pool.use(controller.signal, CONNECT_MS).catch(() => null);
  const coming = starts.succeed();
  controller.abort(clientLeft());
  const worker = await coming;
  expect(await waiting).toBeNull();
  expect(worker.load.count).toBe(0);
});

test('stopping ends all workers and lets nobody wait for ever', async () => {
  const { pool, starts, started } = open(2);
  const first = await starts.succeed();
  await first.die();
  const told = expect(pool.use(nobodyLeaves, CONNECT_MS)).rejects.toMatchObject({ code: 'shutting_down' });
  await pool.stop(10);
  await told;
  await expect(pool.use(nobodyLeaves, CONNECT_MS)).rejects.toMatchObject({ code: 'shutting_down' });
  await started;
  await settle();
  expect(pool.state).toMatchObject({ ready: false, workers: [{ state: 'stopped' }, { state: 'stopped' }] });
  await pool.stop(10);
});
