/** Time and chance, handed in so that a test decides both. */
export interface Timing {
  /** Milliseconds of a clock that only runs forward. */
  now(): number;
  /** From 0 up to and without 1. */
  random(): number;
  /** Runs once, `ms` from now. Calling what it gives back takes that back. */
  later(ms: number, run: () => void): () => void;
}

/** The machine's own. */
export const systemTiming: Timing = {
  now: () => performance.now(),
  random: Math.random,
  later(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
