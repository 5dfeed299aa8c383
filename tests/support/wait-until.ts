/**
 * Waits on state that changes by events: whoever changes it calls `notify`, and each waiting predicate is tried again.
 * No polling, so a test ends as soon as what it waits for is there.
 */
export type Waiters = {
  notify(): void;
  /** Resolves with the first truthy thing that `find` gives; rejects after `timeoutMs` with `describe()` in the message. */
  until<T>(find: () => T | undefined | false, timeoutMs: number, describe: () => string): Promise<T>;
};

export function createWaiters(): Waiters {
  const waiting = new Set<() => void>();

  return {
    notify() {
      for (const retry of [...waiting]) retry();
    },

    until<T>(find: () => T | undefined | false, timeoutMs: number, describe: () => string): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        const finish = () => {
          clearTimeout(timer);
          waiting.delete(retry);
        };
        const retry = () => {
          try {
            const found = find();
            if (found === undefined || found === false) return;
            finish();
            resolve(found);
          } catch (error) {
            finish();
            reject(error);
          }
        };
        const timer = setTimeout(() => {
          finish();
          reject(new Error(`not seen within ${timeoutMs} ms: ${describe()}`));
        }, timeoutMs);
        waiting.add(retry);
        retry();
      });
    },
  };
}
