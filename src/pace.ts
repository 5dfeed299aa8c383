import { createFifo } from './fifo.ts';

/**
 * Shares the event loop among long pieces of work. One for the whole process: all that use it together take no more than a slice
 * of each turn of the loop, and those that wait go on in their order.
 */
export interface Pace {
  /** Between many small steps: null while this turn has time left, else a promise for a later one. */
  rest(): Promise<void> | null;
  /** Before a step that cannot be divided and takes some milliseconds: resolves at the start of a later turn. */
  turn(): Promise<void>;
}

export interface PaceOptions {
  /** Milliseconds, never backwards. */
  readonly nowMs: () => number;
  /** Calls back in the next turn of the event loop, when what came in meanwhile has been handled. */
  readonly nextTurn: (callback: () => void) => void;
  /** Calls back in this turn, when what was resumed has come to its next wait. */
  readonly afterStep: (callback: () => void) => void;
  /** How much of a turn the work may take, in milliseconds. */
  readonly sliceMs: number;
}

/** Short beside the 50 ms for which no request may hold the others, and long beside what a turn costs. */
const SLICE_MS = 5;

const SYSTEM: PaceOptions = {
  nowMs: () => performance.now(),
  nextTurn: (callback) => void setImmediate(callback),
  // A tick that is asked for by a microtask comes when there are no more microtasks.
  afterStep: (callback) => queueMicrotask(() => process.nextTick(callback)),
  sliceMs: SLICE_MS,
};

interface Waiter {
  resume(): void;
  /** Its step cannot be divided: it goes first in its turn. */
  readonly isFirst: boolean;
}

export const createPace = ({ nowMs, nextTurn, afterStep, sliceMs }: PaceOptions = SYSTEM): Pace => {
  const waiting = createFifo<Waiter>();
  /** When the work of this turn began; null before it has. */
  let since: number | null = null;

  const begin = (): number => {
    const now = nowMs();
    since = now;
    nextTurn(onTurn);
    return now;
  };

  const hasTime = (): boolean => nowMs() - (since ?? begin()) < sliceMs;

  /** Resumes the next one, and when that waits again and there is time left, the one behind it. */
  const goOn = (): void => {
    waiting.take()?.resume();
    afterStep(() => {
      if (waiting.first && !waiting.first.isFirst && hasTime()) goOn();
    });
  };

  const onTurn = (): void => {
    since = null;
    if (waiting.length === 0) return;
    begin();
    goOn();
  };

  const wait = (isFirst: boolean): Promise<void> => {
    if (since === null) begin();
    return new Promise((resume) => waiting.push({ resume, isFirst }));
  };

  return {
    rest: () => (hasTime() ? null : wait(false)),
    turn: () => wait(true),
  };
};
