const MAX_DELAY_MS = 10_000;

/**
 * Timers of up to ten seconds fire at once and are written down; longer ones (deadlines) stay as they are.
 * So a test sees how long something would have waited, and does not wait itself.
 */
export const shortenDelays = (): { delays: number[]; restore(): void } => {
  const real = globalThis.setTimeout;
  const delays: number[] = [];
  const shortened = (run: () => void, ms = 0) => {
    if (ms > MAX_DELAY_MS) return real(run, ms);
    delays.push(ms);
    return real(run, 0);
  };
  globalThis.setTimeout = shortened as typeof setTimeout;
  return {
    delays,
    restore() {
      globalThis.setTimeout = real;
    },
  };
};
