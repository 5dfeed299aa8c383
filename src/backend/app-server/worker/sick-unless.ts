import { backgroundTimers } from '../../../later.ts';
import type { Worker } from './worker.ts';

/** A step that a worker which is well takes within `ms`, or it is sick: `what` says of what. Of one that has ended nothing is asked. */
export const sickUnless = (
  worker: Worker,
  ms: number,
  what: string,
  step: (signal: AbortSignal) => Promise<unknown>,
): Promise<unknown> => {
  const deadline = new AbortController();
  const problem = `${what} within ${ms} ms`;
  // `AbortSignal.timeout` could not be taken back, and would make an error behind each step that was taken.
  const cancel = backgroundTimers.later(ms, () => deadline.abort(new DOMException(problem, 'TimeoutError')));
  return step(deadline.signal)
    .catch((thrown: unknown) => {
      if (deadline.signal.aborted && thrown === deadline.signal.reason) worker.markSick(problem);
    })
    .finally(cancel);
};
