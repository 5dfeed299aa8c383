/** Tells of lines that cannot be read, each of the first ones and of the others their sum: a backend gone wrong may write any number. */
export interface GarbageLog {
  note(detail: Readonly<Record<string, unknown>> & { readonly bytes: number }): void;
  /** Tells the sum of what was not told yet: for the end of the worker. */
  flush(): void;
}

const TOLD_EACH_WINDOW = 50;
const WINDOW_MS = 60_000;

/** `now` is in milliseconds. */
export const createGarbageLog = (tell: (payload: unknown) => void, now: () => number): GarbageLog => {
  let windowStart = now();
  let told = 0;
  let untold = { lines: 0, bytes: 0 };

  const flush = (): void => {
    if (untold.lines > 0) tell({ message: 'more unreadable lines from the backend', ...untold });
    untold = { lines: 0, bytes: 0 };
  };

  return {
    note(detail) {
      if (now() - windowStart >= WINDOW_MS) {
        flush();
        windowStart = now();
        told = 0;
      }
      if (++told <= TOLD_EACH_WINDOW) tell(detail);
      else untold = { lines: untold.lines + 1, bytes: untold.bytes + detail.bytes };
    },
    flush,
  };
};
