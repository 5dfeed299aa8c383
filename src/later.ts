/** Runs once, `ms` milliseconds from now. Calling what it gives back takes that back. */
export type Later = (ms: number, run: () => void) => () => void;

/** By the machine's own clock. */
export const systemLater: Later = (ms, run) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};
