/** A value that can be replaced while it is in use, such as the routes. Each use keeps the value that it began with. */
export interface Generations<Value> {
  readonly current: Value;
  /** Runs work with the current value, which is not closed before the work has ended. */
  use<Result>(work: (value: Value) => Promise<Result>): Promise<Result>;
  /** Replaces the value at once. The old one is closed when its last use has ended. */
  replace(next: Value): void;
  /** Closes the current value when its last use has ended. Resolves when all values without a use are closed. May be called twice. */
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
