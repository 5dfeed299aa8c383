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
