import { systemTimers, type Timers } from '../../../later.ts';

/** Time and chance, handed in so that a test decides both. */
export interface Timing extends Timers {
  /** From 0 up to and without 1. */
  random(): number;
}

/** The machine's own. */
export const systemTiming: Timing = { ...systemTimers, random: Math.random };
