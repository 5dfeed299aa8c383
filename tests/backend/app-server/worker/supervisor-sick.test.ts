import { createSupervisor } from '../../../../src/backend/app-server/worker/supervisor.ts';
import { createFakeStarts } from '../../../support/fake-starts.ts';
import { createFakeTiming, settle } from '../../../support/fake-timing.ts';

/** Longer than turns of a sick worker may go on. */
const DRAIN_MS = 30_000;

const superviseOne = async (maxRestarts = 1000) => {
  const timing = createFakeTiming();
  const starts = createFakeStarts();
  const supervisor = createSupervisor({
    number: 0,
    start: starts.start,
    maxRestarts,
    timing,
    notes: starts.notes,
    hasStarted: () => true,
    onChange: () => undefined,
  });
  const worker = await starts.succeed();
  const fallSick = async (): Promise<void> => {
    worker.markSick('deaf');
    await settle();
  };
  return { supervisor, timing, starts, worker, fallSick };
};

test('a sick worker gets no more turns, and another one is started at once in its place', async () => {
  const { supervisor, timing, starts, worker, fallSick } = await superviseOne();
  worker.load.enter();
  await fallSick();
  expect(supervisor.worker).toBeNull();
  await timing.advance(0);
  const successor = await starts.succeed();
  expect(supervisor.worker).toBe(successor);
  expect(supervisor.reports).toMatchObject([
    { state: 'ready', pid: successor.pid, restarts: 1 },
    { state: 'draining', pid: worker.pid, activeTurns: 1 },
  ]);
  expect(worker.stops).toEqual([]);
  expect(starts.noted).toEqual(['sick: deaf', 'ready']);
});

test('it ends once its last turn is over', async () => {
  const { supervisor, timing, starts, worker, fallSick } = await superviseOne();
  const ends = [worker.load.enter(), worker.load.enter()];
  await fallSick();
  ends[0]?.();
  ends[0]?.();
  expect(worker.stops).toEqual([]);
  ends[1]?.();
  expect(worker.stops).toHaveLength(1);
  await timing.advance(0);
  await starts.succeed();
  expect(supervisor.reports).toHaveLength(1);
  expect(starts.noted).toEqual(['sick: deaf', 'drained', 'ready']);
  expect(timing.waits).toEqual([]);
});

test('it ends at once when it has no turns', async () => {
  const { worker, fallSick } = await superviseOne();
  await fallSick();
  expect(worker.stops).toHaveLength(1);
});

test('turns that do not come to an end are given only so much time', async () => {
  const { timing, worker, fallSick } = await superviseOne();
  worker.load.enter();
  await fallSick();
  await timing.advance(DRAIN_MS - 1);
  expect(worker.stops).toEqual([]);
  await timing.advance(1);
  expect(worker.stops).toHaveLength(1);
});

test('one that is sick and dies is not replaced twice', async () => {
  const { timing, starts, worker, fallSick } = await superviseOne();
  worker.load.enter();
  await fallSick();
  await worker.die();
  await timing.advance(DRAIN_MS);
  expect(starts.attempts).toHaveLength(2);
  expect(worker.stops).toEqual([]);
});

test('one that is said to be sick twice is replaced once', async () => {
  const { timing, starts, worker, fallSick } = await superviseOne();
  await fallSick();
  worker.markSick('again');
  await timing.advance(DRAIN_MS);
  expect(starts.attempts).toHaveLength(2);
});

test('replacing counts among the restarts that are bounded', async () => {
  const { timing, starts, fallSick } = await superviseOne(1);
  await fallSick();
  await timing.advance(0);
  const successor = await starts.succeed();
  successor.markSick('deaf too');
  await settle();
  expect(starts.noted.at(-2)).toMatch(/^limit/);
  await timing.advance(5 * 60_000);
  expect(starts.attempts).toHaveLength(3);
});

test('stopping ends the sick one too, and abandoning kills both', async () => {
  const { supervisor, timing, starts, worker, fallSick } = await superviseOne();
  worker.load.enter();
  await fallSick();
  await timing.advance(0);
  const successor = await starts.succeed();
  supervisor.abandon();
  expect([worker.killed, successor.killed]).toEqual([1, 1]);
  await supervisor.stop(7);
  expect([worker.stops, successor.stops]).toEqual([[7], [7]]);
});

test('a worker that answers nothing gets no turns until it answers, and is not replaced', async () => {
  const { supervisor, starts, worker } = await superviseOne();
  worker.setBeats(false);
  expect([supervisor.worker, supervisor.retryInMs]).toEqual([null, 0]);
  expect(supervisor.reports).toMatchObject([{ state: 'unresponsive', pid: worker.pid }]);
  worker.setBeats(true);
  expect(supervisor.worker).toBe(worker);
  expect(supervisor.reports).toMatchObject([{ state: 'ready' }]);
  expect(starts.noted).toEqual(['unresponsive', 'answering']);
  expect(starts.attempts).toHaveLength(1);
});

test('one that is stopped while it answers nothing ends as any other', async () => {
  const { supervisor, worker } = await superviseOne();
  worker.setBeats(false);
  await supervisor.stop(500);
  expect(worker.stops).toEqual([500]);
});
