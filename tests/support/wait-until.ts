import { GIVE_UP_MS } from './give-up.ts';

/**
 * Waits on state that changes by events: whoever changes it calls `notify`, and each waiting predicate is tried again.
 * No polling, so a test ends as soon as what it waits for is there.
 */
export type Waiters = {
  notify(): void;
  /** Resolves with the first truthy thing that `find` gives; rejects with `describe()` in the message where there is none in time. */
  until<T>(find: () => T | undefined | false, describe: () => string): Promise<T>;
};

export function createWaiters(): Waiters {
  const waiting = new Set<() => void>();

  return {
    notify() {
      for (const retry of [...waiting]) retry();
    },

    until<T>(find: () => T | undefined | false, describe: () => string): Promise<T> {
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
          reject(new Error(`not seen within ${GIVE_UP_MS} ms: ${describe()}`));
        }, GIVE_UP_MS);
        waiting.add(retry);
        retry();
      });
    },
  };
}
