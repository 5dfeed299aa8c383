/** Time that moves when a test says so, in milliseconds. */
export type FakeTimers = {
  setTimer(callback: () => void, ms: number): () => void;
  advance(ms: number): void;
  /** How many timers are set. */
  readonly pending: number;
};

export const createFakeTimers = (): FakeTimers => {
  const timers = new Set<{ at: number; callback: () => void }>();
  let now = 0;
  return {
    setTimer(callback, ms) {
      const timer = { at: now + ms, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance(ms) {
      now += ms;
      const due = [...timers].filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
      for (const timer of due) if (timers.delete(timer)) timer.callback();
    },
    get pending() {
      return timers.size;
    },
  };
};
