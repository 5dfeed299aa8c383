/** A value that can be replaced while it is used, such as the routes: whoever uses it keeps the one that it began with. */
export interface Generations<Value> {
  readonly current: Value;
  /** Uses the value of now; it is closed no sooner than the work has ended, whatever replaces it. */
  use<Result>(work: (value: Value) => Promise<Result>): Promise<Result>;
  /** Puts another value in its place, at once. The old one is closed when its last use has ended. */
  replace(next: Value): void;
  /** Closes what is used no more, and the current one: resolves when all are closed. Twice is harmless. */
  close(): Promise<void>;
}

interface Generation<Value> {
  readonly value: Value;
  uses: number;
  isRetired: boolean;
  isClosed: boolean;
}

/**
 * @param close - runs once for each value, and never rejects
 */
export const createGenerations = <Value>(
  first: Value,
  close: (value: Value) => Promise<void>,
): Generations<Value> => {
  const begin = (value: Value): Generation<Value> => ({ value, uses: 0, isRetired: false, isClosed: false });
  const closing = new Set<Promise<void>>();
  let current = begin(first);

  const closeUnused = (generation: Generation<Value>): void => {
    if (!generation.isRetired || generation.isClosed || generation.uses > 0) return;
    generation.isClosed = true;
    const closed = close(generation.value).finally(() => closing.delete(closed));
    closing.add(closed);
  };
  const retire = (generation: Generation<Value>): void => {
    if (generation.isRetired) return;
    generation.isRetired = true;
    closeUnused(generation);
  };

  return {
    get current() {
      return current.value;
    },
    async use(work) {
      const generation = current;
      generation.uses++;
      try {
        return await work(generation.value);
      } finally {
        generation.uses--;
        closeUnused(generation);
      }
    },
    replace(next) {
      const old = current;
      current = begin(next);
      retire(old);
    },
    async close() {
      retire(current);
      await Promise.all(closing);
    },
  };
};
