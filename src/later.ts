/** Runs once, `ms` milliseconds from now. Calling what it gives back takes that back. */
export type Later = (ms: number, run: () => void) => () => void;

/** Time, handed in so that a test decides it. */
export interface Timers {
  /** Milliseconds of a clock that only runs forward. */
  now(): number;
  readonly later: Later;
}

/** The same, with the time of day. */
export interface WallTimers extends Timers {
  /** Milliseconds since the epoch. */
  wallMs(): number;
}

const now = (): number => performance.now();

/** By the machine's own clock. */
export const systemLater: Later = (ms, run) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

export const systemTimers: Timers = { now, later: systemLater };

/** The same, for work that keeps no process alive which has nothing else to do. */
export const backgroundTimers: WallTimers = {
  now,
  wallMs: () => Date.now(),
  later(ms, run) {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};
