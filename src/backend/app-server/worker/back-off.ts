import type { Timing } from './timing.ts';

/** When a worker may be started again. */
export interface Restart {
  readonly waitMs: number;
  /** True where not the back-off decides but the bound on restarts. */
  readonly limited: boolean;
}

/** Decides how long each restart of one worker waits: ever longer, never exactly alike, and only so many in any window. */
export interface BackOff {
  /** After a crash or a start that failed. */
  next(): Restart;
  /** For the process that takes a sick one's place: no back-off, but the bound holds. */
  atOnce(): Restart;
  /** The worker has run for a while: the next crash is a first one again. The bound still counts all. */
  reset(): void;
}

interface BackOffOptions {
  readonly timing: Timing;
  /** Restarts in any `WINDOW_MS`. */
  readonly maxRestarts: number;
}

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 10_000;
const WINDOW_MS = 5 * 60_000;

export const createBackOff = ({ timing, maxRestarts }: BackOffOptions): BackOff => {
  let delayMs = FIRST_DELAY_MS;
  /** When the newest restarts were, or will be; never more than the window allows. */
  const starts: number[] = [];

  const admit = (wantedMs: number): Restart => {
    const now = timing.now();
    const oldest = starts.length < maxRestarts ? undefined : starts.shift();
    const allowedMs = oldest === undefined ? 0 : oldest + WINDOW_MS - now;
    const waitMs = Math.round(Math.max(wantedMs, allowedMs));
    starts.push(now + waitMs);
    return { waitMs, limited: allowedMs > wantedMs };
  };

  return {
    next() {
      // Between half of the delay and all of it: several workers that died together do not start together.
      const wantedMs = Math.round(delayMs * (1 - timing.random() / 2));
      delayMs = Math.min(delayMs * 2, MAX_DELAY_MS);
      return admit(wantedMs);
    },
    atOnce: () => admit(0),
    reset() {
      delayMs = FIRST_DELAY_MS;
    },
  };
};
