import { createBackOff } from '../../back-off.ts';
import type { Timers } from '../../later.ts';

const MAX_DELAY_MS = 5000;

/** The pauses between failed attempts: each twice as long as the last, up to 5 s. */
export interface Retry {
  pause(): Promise<void>;
  /** Ends the pause, if there is one. */
  now(): void;
  /** After a success the next pause is a short one again. */
  reset(): void;
}

export const createRetry = (timers: Timers, firstDelayMs: number): Retry => {
  const backOff = createBackOff({ firstMs: firstDelayMs, maxMs: MAX_DELAY_MS });
  let end = (): void => undefined;
  return {
    async pause() {
      const { promise, resolve } = Promise.withResolvers<void>();
      const cancel = timers.later(backOff.next(), resolve);
      end = resolve;
      await promise;
      cancel();
    },
    now: () => end(),
    reset: backOff.reset,
  };
};

/** Waits for `done`, unless `progress` stands still for so long: a file system may never answer. */
export const unlessStalled = async (
  timers: Timers,
  stallMs: number,
  progress: () => number,
  done: Promise<void>,
): Promise<void> => {
  const { promise: stalled, resolve } = Promise.withResolvers<void>();
  let cancel = (): void => undefined;
  const watch = (before: number): void => {
    cancel = timers.later(stallMs, () => (progress() > before ? watch(progress()) : resolve()));
  };
  watch(progress());
  await Promise.race([done, stalled]);
  cancel();
};
