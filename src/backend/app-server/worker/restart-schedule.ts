import { createBackOff } from '../../../back-off.ts';
import type { Timing } from './timing.ts';

/** When a worker may be started again. */
export interface Restart {
  readonly waitMs: number;
  /** True where not the back-off decides but the bound on restarts. */
  readonly limited: boolean;
}

/** Decides how long each restart of one worker waits: ever longer, never exactly alike, and only so many in any window. */
export interface RestartSchedule {
  /** After a crash or a start that failed. */
  next(): Restart;
  /** For the process that takes a sick one's place: no back-off, but the bound holds. */
  atOnce(): Restart;
  /** The worker has run for a while: the next crash is a first one again. The bound still counts all. */
  reset(): void;
}

interface RestartScheduleOptions {
  readonly timing: Timing;
  /** Restarts in any `WINDOW_MS`. */
  readonly maxRestarts: number;
}

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 10_000;
const WINDOW_MS = 5 * 60_000;

export const createRestartSchedule = ({ timing, maxRestarts }: RestartScheduleOptions): RestartSchedule => {
  const backOff = createBackOff({ firstMs: FIRST_DELAY_MS, maxMs: MAX_DELAY_MS, random: timing.random });
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
    next: () => admit(backOff.next()),
    atOnce: () => admit(0),
    reset: backOff.reset,
  };
};
