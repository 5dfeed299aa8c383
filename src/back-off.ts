/** The pauses between attempts that fail: each twice as long as the last, up to a bound. */
export interface BackOff {
  /** How long to wait before the next attempt, in milliseconds. */
  next(): number;
  /** After a success the next pause is a short one again. */
  reset(): void;
}

interface BackOffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  /** From 0 up to and without 1: takes up to half of a pause away, so that several that failed together do not try together. */
  readonly random?: () => number;
}

export const createBackOff = ({ firstMs, maxMs, random = () => 0 }: BackOffOptions): BackOff => {
  let pauseMs = firstMs;
  return {
    next() {
      const waitMs = Math.round(pauseMs * (1 - random() / 2));
      pauseMs = Math.min(pauseMs * 2, maxMs);
      return waitMs;
    },
    reset() {
      pauseMs = firstMs;
    },
  };
};
