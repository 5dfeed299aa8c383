import { createPace, type Pace } from '../../src/pace.ts';

/** For what does not depend on the event loop: never rests. */
export const noPace: Pace = { rest: () => null, turn: () => Promise.resolve() };

/**
 * A pace that rests at every second look at the clock, and counts its turns of the event loop: each step of work is one millisecond long,
 * whatever the machine does.
 */
export const countingPace = (sliceMs = 1) => {
  let now = 0;
  let turns = 0;
  const pace = createPace({
    nowMs: () => now++,
    nextTurn(callback) {
      turns++;
      setImmediate(callback);
    },
    afterStep: (callback) => queueMicrotask(() => process.nextTick(callback)),
    sliceMs,
  });
  return { pace, turns: () => turns };
};

/** Rests for ever: shows where nothing may rest. */
export const stuckPace: Pace = {
  rest: () => new Promise(() => undefined),
  turn: () => new Promise(() => undefined),
};
