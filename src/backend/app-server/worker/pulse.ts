import type { Timing } from './timing.ts';

/** Whether a worker answers anything at all: one that hangs may look like one that has nothing to do. */
export interface WorkerPulse {
  /** False from a question that was not answered in time until something is heard again. */
  readonly beats: boolean;
  /** Begins to look, and calls `changed` whenever `beats` has changed. */
  start(changed: () => void): void;
  /** For good; twice is harmless. */
  stop(): void;
}

export interface PulseOptions {
  readonly timing: Pick<Timing, 'later'>;
  /** How much has been heard so far, in any unit: whatever it says is a sign of life. */
  heard(): number;
  /** Asks for a sign of life. */
  ask(): void;
  /** Nothing was heard for so long that it is given up. */
  giveUp(reason: string): void;
}

/** Three of these, and a hung worker is known: one in which it still spoke, one in which it was silent, one for its answer. */
const INTERVAL_MS = 1_400;
/** A machine that has much to do makes an answer late, and ends no turns for that. */
const MISSED_AT_MOST = 10;

/** Looks once an interval whether anything was heard since the last time, and asks only where nothing was. */
export const createPulse = ({ timing, heard, ask, giveUp }: PulseOptions): WorkerPulse => {
  let last = 0;
  /** Intervals in a row in which nothing was heard; the first of them ends with the question. */
  let missed = 0;
  let changed = (): void => undefined;
  let cancel = (): void => undefined;
  let stopped = false;

  const beats = (): boolean => missed < 2;
  const look = (): void => {
    const before = beats();
    const now = heard();
    missed = now === last ? missed + 1 : 0;
    last = now;
    if (missed === 1) ask();
    if (missed < MISSED_AT_MOST) next();
    if (beats() !== before) changed();
    if (missed === MISSED_AT_MOST) giveUp(`nothing was heard of it for ${MISSED_AT_MOST * INTERVAL_MS} ms`);
  };
  const next = (): void => {
    cancel = timing.later(INTERVAL_MS, look);
  };

  return {
    get beats() {
      return beats();
    },
    start(onChange) {
      if (stopped) return;
      changed = onChange;
      last = heard();
      next();
    },
    stop() {
      stopped = true;
      cancel();
      changed = () => undefined;
    },
  };
};
