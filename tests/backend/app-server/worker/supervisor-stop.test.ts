import { createSupervisor } from '../../../../src/backend/app-server/worker/supervisor.ts';
import type { Worker } from '../../../../src/backend/app-server/worker/worker.ts';
import { createFakeStarts } from '../../../support/fake-starts.ts';
import { createFakeTiming, settle } from '../../../support/fake-timing.ts';

/** The most that clean-up may take at the end. */
const CLEAN_UP_MS = 1_000;

const superviseOne = async (beforeEnd?: (worker: Worker) => Promise<void>) => {
  const timing = createFakeTiming();
  const starts = createFakeStarts();
  const supervisor = createSupervisor({
    number: 0,
    start: starts.start,
    maxRestarts: 1,
    timing,
    notes: starts.notes,
    hasStarted: () => true,
    onChange: () => undefined,
    beforeEnd,
  });
  return { supervisor, timing, worker: await starts.succeed() };
};

test('a worker ends when its last turn is cleaned up, and not before', async () => {
  const { supervisor, timing, worker } = await superviseOne();
  const end = worker.load.enter();
  const stopped = supervisor.stop(5_000);
  await settle();
  expect(worker.stops).toEqual([]);
  end();
  await stopped;
  expect(worker.stops).toEqual([5_000]);
  expect(timing.waits).toEqual([]);
});

test.each([
  [5_000, CLEAN_UP_MS],
  [300, 300],
])('one whose turn is never cleaned up ends in time, of %d ms after %d', async (graceMs, waitMs) => {
  const { supervisor, timing, worker } = await superviseOne();
  worker.load.enter();
  const stopped = supervisor.stop(graceMs);
  await timing.advance(waitMs - 1);
  expect(worker.stops).toEqual([]);
  await timing.advance(1);
  await stopped;
  expect(worker.stops).toEqual([graceMs]);
});

test('one that dies meanwhile is not waited for', async () => {
  const { supervisor, worker } = await superviseOne();
  worker.load.enter();
  const stopped = supervisor.stop(5_000);
  await worker.die();
  await stopped;
  expect(worker.stops).toEqual([5_000]);
});

test('between the two it tells what it would take along', async () => {
  const told = Promise.withResolvers<void>();
  const asked: Worker[] = [];
  const { supervisor, worker } = await superviseOne((one) => {
    asked.push(one);
    return told.promise;
  });
  const stopped = supervisor.stop(5_000);
  await settle();
  expect([asked, worker.stops]).toEqual([[worker], []]);
  told.resolve();
  await stopped;
  expect(worker.stops).toEqual([5_000]);
});
