import type { NdjsonTimers } from './ndjson-fs.ts';

const MAX_DELAY_MS = 5000;

/** The pauses between failed attempts: each twice as long as the last, up to 5 s. */
export interface Retry {
  pause(): Promise<void>;
  /** Ends the pause, if there is one. */
  now(): void;
  /** After a success the next pause is a short one again. */
  reset(): void;
}

export const createRetry = (timers: NdjsonTimers, firstDelayMs: number): Retry => {
  let delay = firstDelayMs;
  let end = (): void => undefined;
  return {
    async pause() {
      const { promise, resolve } = Promise.withResolvers<void>();
      const cancel = timers.later(delay, resolve);
      end = resolve;
      delay = Math.min(delay * 2, MAX_DELAY_MS);
      await promise;
      cancel();
    },
    now: () => end(),
    reset() {
      delay = firstDelayMs;
    },
  };
};

/** Waits for `done`, unless `progress` stands still for so long: a file system may never answer. */
export const unlessStalled = async (
  timers: NdjsonTimers,
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
