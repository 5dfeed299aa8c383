import { createSupervisor } from '../../../../src/backend/app-server/worker/supervisor.ts';
import { createFakeStarts } from '../../../support/fake-starts.ts';
import { createFakeTiming } from '../../../support/fake-timing.ts';

const MINUTE_MS = 60_000;

const supervise = (maxRestarts = 1000) => {
  const timing = createFakeTiming();
  const starts = createFakeStarts();
  let changes = 0;
  const supervisor = createSupervisor({
    number: 3,
    start: starts.start,
    maxRestarts,
    timing,
    notes: starts.notes,
    hasStarted: () => true,
    onChange: () => void changes++,
  });
  const started = supervisor.started.catch(() => 'stopped');
  return { supervisor, timing, starts, started, changes: () => changes };
};

/** The waits of `crashes` crashes, one right after the other. */
const crashOften = async (
  { timing, starts }: ReturnType<typeof supervise>,
  crashes: number,
): Promise<number[]> => {
  const waits: number[] = [];
  for (let crash = 0; crash < crashes; crash++) {
    await (await starts.succeed()).die();
    waits.push(timing.waits[0] ?? 0);
    await timing.advance(timing.waits[0] ?? 0);
  }
  return waits;
};

test('a worker that has been started takes turns, and its report says so', async () => {
  const { supervisor, starts } = supervise();
  expect(supervisor.reports).toMatchObject([{ worker: 3, state: 'starting', pid: null }]);
  const worker = await starts.succeed();
  expect(supervisor.worker).toBe(worker);
  expect(supervisor.reports).toEqual([
    {
      worker: 3,
      state: 'ready',
      pid: worker.pid,
      activeTurns: 0,
      uptimeMs: 0,
      restarts: 0,
      retryInMs: null,
      restartLimitReached: false,
    },
  ]);
  expect(starts.noted).toEqual([]);
});

test('the more often it dies, the longer the next start waits, up to a bound', async () => {
  const supervised = supervise();
  const waits = await crashOften(supervised, 9);
  expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
  expect(supervised.supervisor.restarts).toBe(9);
});

test('chance takes away up to half of each wait, so that workers do not start together', async () => {
  const supervised = supervise();
  supervised.timing.chance = 0.5;
  expect(await crashOften(supervised, 3)).toEqual([75, 150, 300]);
  supervised.timing.chance = 0.999;
  expect(await crashOften(supervised, 1)).toEqual([400]);
});

test('a start that fails is tried again like one that died', async () => {
  const { supervisor, starts, timing } = supervise();
  await starts.fail();
  expect(supervisor.reports).toMatchObject([{ state: 'backing_off', retryInMs: 100, restarts: 1 }]);
  expect(supervisor.retryInMs).toBe(100);
  await timing.advance(100);
  await starts.fail();
  await timing.advance(200);
  await starts.succeed();
  expect(starts.noted).toEqual(['failed start', 'failed start', 'ready']);
  expect(starts.attempts.map(({ restarts }) => restarts)).toEqual([0, 1, 2]);
});

test('one that ran for a while begins with the shortest wait again', async () => {
  const supervised = supervise();
  await crashOften(supervised, 3);
  const worker = await supervised.starts.succeed();
  await worker.die(10_001);
  expect(supervised.timing.waits).toEqual([100]);
});

test('so many restarts in five minutes and no more; then it waits, says so, and heals by itself', async () => {
  const supervised = supervise(3);
  const { supervisor, starts, timing } = supervised;
  expect(await crashOften(supervised, 3)).toEqual([100, 200, 400]);
  await (await starts.succeed()).die();
  // The first restart was 100 ms after the beginning, and 700 ms have gone by.
  const wait = 5 * MINUTE_MS + 100 - 700;
  expect(starts.noted.at(-1)).toBe(`limit: ${wait}`);
  expect(supervisor.reports).toMatchObject([
    { state: 'backing_off', restartLimitReached: true, retryInMs: wait },
  ]);
  await timing.advance(wait - 1);
  expect(supervisor.worker).toBeNull();
  await timing.advance(1);
  await starts.succeed();
  expect(supervisor.reports).toMatchObject([{ state: 'ready', restartLimitReached: false }]);
});

test('restarts that lie further apart are never too many', async () => {
  const { starts, timing } = supervise(3);
  for (let crash = 0; crash < 20; crash++) {
    await (await starts.succeed()).die(2 * MINUTE_MS);
    expect(timing.waits).toEqual([100]);
    await timing.advance(2 * MINUTE_MS);
  }
  expect(starts.noted.filter((note) => note.startsWith('limit'))).toEqual([]);
});

test('what is worth looking again at is told: a start, a worker, its end', async () => {
  const { starts, changes } = supervise();
  const before = changes();
  const worker = await starts.succeed();
  expect(changes()).toBeGreaterThan(before);
  const between = changes();
  await worker.die();
  expect(changes()).toBeGreaterThan(between);
});

test('stopping waits for nobody who never comes, and stops for good', async () => {
  const { supervisor, starts, timing, started } = supervise();
  await supervisor.stop(10);
  expect(await started).toBe('stopped');
  await timing.advance(MINUTE_MS);
  expect(starts.attempts).toHaveLength(1);
  expect(starts.noted).toEqual([]);
  expect(supervisor.reports).toMatchObject([{ state: 'stopped' }]);
  expect(supervisor.retryInMs).toBe(Number.POSITIVE_INFINITY);
});

test('stopping while it backs off starts nobody any more', async () => {
  const { supervisor, starts, timing } = supervise();
  await (await starts.succeed()).die();
  await supervisor.stop(10);
  expect(timing.waits).toEqual([]);
  expect(starts.attempts).toHaveLength(1);
});
