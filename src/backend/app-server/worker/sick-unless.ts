import type { Worker } from './worker.ts';

/** A step that a worker which is well takes within `ms`, or it is sick: `what` says of what. Of one that has ended nothing is asked. */
export const sickUnless = (
  worker: Worker,
  ms: number,
  what: string,
  step: (signal: AbortSignal) => Promise<unknown>,
): Promise<unknown> => {
  const signal = AbortSignal.timeout(ms);
  return step(signal).catch((thrown: unknown) => {
    if (signal.aborted && thrown === signal.reason) worker.markSick(`${what} within ${ms} ms`);
  });
};
