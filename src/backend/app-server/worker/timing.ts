import { type Later, systemLater } from '../../../later.ts';

/** Time and chance, handed in so that a test decides both. */
export interface Timing {
  /** Milliseconds of a clock that only runs forward. */
  now(): number;
  /** From 0 up to and without 1. */
  random(): number;
  readonly later: Later;
}

/** The machine's own. */
export const systemTiming: Timing = {
  now: () => performance.now(),
  random: Math.random,
  later: systemLater,
};
