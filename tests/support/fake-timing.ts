import type { Timing } from '../../src/backend/app-server/worker/timing.ts';

/** Time that stands still until a test moves it, and chance that the test decides. */
export type FakeTiming = Timing & {
  /** What the next `random` calls give. */
  chance: number;
  /** How long the timers that wait now still wait, shortest first. */
  readonly waits: number[];
  /** Moves the time and runs what is due, in order; then lets promises go on. */
  advance(ms: number): Promise<void>;
};

/** Lets everything run that only waits for promises. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const createFakeTiming = (): FakeTiming => {
  let now = 0;
  let timers: { at: number; run: () => void }[] = [];
  const timing: FakeTiming = {
    chance: 0,
    now: () => now,
    random: () => timing.chance,
    later(ms, run) {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
    get waits() {
      return timers.map(({ at }) => at - now).sort((a, b) => a - b);
    },
    async advance(ms) {
      const until = now + ms;
      await settle();
      for (;;) {
        const [next] = timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
        if (!next) break;
        now = next.at;
        timers = timers.filter((each) => each !== next);
        next.run();
        await settle();
      }
      now = until;
    },
  };
  return timing;
};
