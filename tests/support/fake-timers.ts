import type { Later } from '../../src/later.ts';

/** Time that moves when a test says so, in milliseconds. */
export type FakeTimers = {
  now(): number;
  /** The same clock, as the time of day. */
  wallMs(): number;
  readonly later: Later;
  advance(ms: number): void;
  /** How many timers are set. */
  readonly pending: number;
};

export const createFakeTimers = (): FakeTimers => {
  const timers = new Set<{ at: number; run: () => void }>();
  let now = 0;
  return {
    now: () => now,
    wallMs: () => now,
    later(ms, run) {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance(ms) {
      now += ms;
      const due = [...timers].filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
      for (const timer of due) if (timers.delete(timer)) timer.run();
    },
    get pending() {
      return timers.size;
    },
  };
};
