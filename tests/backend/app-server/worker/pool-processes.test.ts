import { createWorkerPool, type WorkerPool } from '../../../../src/backend/app-server/worker/pool.ts';
import { startWorker, type Worker } from '../../../../src/backend/app-server/worker/worker.ts';
import { commandOf, createFakeConnectionTrace, isAlive } from '../../../support/backend-process.ts';
import { createFakeStarts } from '../../../support/fake-starts.ts';
import { settle } from '../../../support/fake-timing.ts';
import { GIVE_UP_MS } from '../../../support/give-up.ts';

const nobodyLeaves = new AbortController().signal;
const pools: WorkerPool[] = [];

const open = (command = commandOf('answers'), workers = 1) => {
  const trace = createFakeConnectionTrace();
  const { notes, noted } = createFakeStarts();
  const settings = { command, env: {}, workdir: process.cwd(), clientVersion: '1', handshakeMs: GIVE_UP_MS };
  const pool = createWorkerPool({
    workers,
    maxRestarts: 10,
    start: (signal, identity) => startWorker(settings, trace, signal, identity),
    notes,
  });
  pools.push(pool);
  const take = async (): Promise<Worker> => {
    const { worker, end } = await pool.use(nobodyLeaves, GIVE_UP_MS);
    end();
    return worker;
  };
  const started = pool.started(nobodyLeaves);
  started.catch(() => undefined);
  return { pool, trace, noted, take, started };
};

const crash = async (worker: Worker): Promise<void> => {
  worker.rpc.callRpc(null, 'test/exit', {}).catch(() => undefined);
  await worker.exited;
};

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.stop(0)));
});

test('a worker that died is replaced, and its end tells all about it but its words', async () => {
  const { pool, trace, take } = open();
  const first = await take();
  await crash(first);
  const second = await take();
  expect(second.pid).not.toBe(first.pid);
  expect(pool.state).toMatchObject({ ready: true, restarts: 1, workers: [{ pid: second.pid }] });
  const tellings = trace.events.filter(({ kind }) => kind === 'backend_start' || kind === 'backend_exit');
  expect(tellings.map(({ kind, payload }) => [kind, payload['pid'], payload['restarts']])).toEqual([
    ['backend_start', first.pid, 0],
    ['backend_exit', first.pid, 0],
    ['backend_start', second.pid, 1],
  ]);
  expect(tellings[1]?.payload).toMatchObject({
    code: 3,
    signal: null,
    uptime_ms: expect.any(Number),
    requests_in_flight: 0,
    recycled: null,
    last_output: expect.arrayContaining([
      { stream: 'stdout', bytes: expect.any(Number), time: expect.stringMatching(/^\d{4}-.*Z$/) },
    ]),
  });
});

test('several workers are processes of their own, and the death of one leaves the other', async () => {
  const { pool, take, trace } = open(commandOf('answers'), 2);
  const { worker: first } = await pool.use(nobodyLeaves, GIVE_UP_MS);
  await crash(first);
  const second = await take();
  const pids = trace.events
    .filter(({ kind }) => kind === 'backend_start')
    .map(({ payload }) => payload['pid']);
  expect(pids.indexOf(second.pid)).not.toBe(pids.indexOf(first.pid));
  expect([isAlive(first.pid), isAlive(second.pid)]).toEqual([false, true]);
});

test('a sick worker is replaced and ends by itself once nobody uses it', async () => {
  const { pool, noted, take } = open();
  const use = await pool.use(nobodyLeaves, GIVE_UP_MS);
  use.worker.markSick('deaf');
  await settle();
  const successor = await take();
  expect(successor.pid).not.toBe(use.worker.pid);
  expect(isAlive(use.worker.pid)).toBe(true);
  use.end();
  expect(await use.worker.exited).toMatchObject({ code: 7 });
  expect(noted).toEqual(['sick: deaf', 'ready', 'drained']);
});

test.each(['/nowhere/codex', process.cwd()])('with %s for a program it can never start', async (program) => {
  const { started, noted } = open([program], 2);
  await expect(started).rejects.toMatchObject({ code: 'backend_exited' });
  expect(noted).toEqual([]);
});

test('a program that ends at once is started again', async () => {
  const { pool, trace } = open(commandOf('exits-at-once'));
  await trace.waitFor(({ payload }) => payload['code'] === 4 && payload['restarts'] === 1);
  expect(pool.state).toMatchObject({ ready: false, starting: true });
});

test('stopping ends the worker for good', async () => {
  const { pool, noted, take, trace } = open();
  const worker = await take();
  await Promise.all([pool.stop(GIVE_UP_MS), pool.stop(GIVE_UP_MS)]);
  expect(await worker.exited).toMatchObject({ code: 7, signal: null });
  expect(isAlive(worker.pid)).toBe(false);
  expect(noted).toEqual([]);
  expect(trace.events.filter(({ kind }) => kind === 'backend_start')).toHaveLength(1);
});

test('stopping while a worker still shakes hands leaves no process behind', async () => {
  const { pool, trace } = open(commandOf('never-answers'));
  const up = await trace.waitFor(({ payload }) => payload['method'] === 'test/up');
  await pool.stop(10);
  const { pid } = up.payload['params'] as { pid: number };
  const left = isAlive(pid);
  if (left) process.kill(pid, 'SIGKILL');
  expect(left).toBe(false);
});
