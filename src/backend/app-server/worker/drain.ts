import type { Timing } from './timing.ts';
import type { Worker } from './worker.ts';

/** How long the turns of a sick worker may go on. */
const DRAIN_MS = 30_000;
/** How long it may then take to end by itself. */
const GRACE_MS = 5_000;

/** Ends a worker that gets no more turns: once those that it has are over, or have had their time. */
export const drainWorker = (worker: Worker, timing: Timing): void => {
  const end = (): void => {
    cancel();
    void worker.stop(GRACE_MS);
  };
  const cancel = timing.later(DRAIN_MS, end);
  void worker.exited.then(cancel);
  worker.load.whenIdle(end);
};

/** How long the clean-up of the last turns may take when the gateway ends. */
const CLEAN_UP_MS = 1_000;

/** Resolves when every turn is cleaned up, or the worker is gone, or that has had its time: at most `graceMs`. */
const cleanedUp = (worker: Worker, graceMs: number, timing: Timing): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = timing.later(Math.min(graceMs, CLEAN_UP_MS), resolve);
  worker.load.whenIdle(resolve);
  void worker.exited.then(() => resolve());
  return promise.finally(cancel);
};

/** Ends a worker that is well. One whose stdin closes ends at once, and leaves undone what it was about to do. */
const endInOrder = async (
  worker: Worker,
  graceMs: number,
  timing: Timing,
  beforeEnd: (worker: Worker) => Promise<void> = () => Promise.resolve(),
): Promise<void> => {
  await cleanedUp(worker, graceMs, timing);
  await beforeEnd(worker);
  await worker.stop(graceMs);
};

/** Ends the worker that takes turns, if there is one, in order, and those that are sick at once. */
export const endWorkers = async (
  { worker, sick }: { readonly worker: Worker | null; readonly sick: readonly Worker[] },
  graceMs: number,
  timing: Timing,
  beforeEnd?: (worker: Worker) => Promise<void>,
): Promise<void> => {
  const ending = worker ? [endInOrder(worker, graceMs, timing, beforeEnd)] : [];
  await Promise.all([...ending, ...sick.map((each) => each.stop(graceMs))]);
};
