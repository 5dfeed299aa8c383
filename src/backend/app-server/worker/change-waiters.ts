/** Those who wait for something that changes: each looks again when it has changed, in the order in which they came. */
export interface ChangeWaiters<Found> {
  /** Resolves with what `look` finds, rejects with the error that it finds, or with the signal's reason. Null is nothing yet. */
  wait(look: () => Found | Error | null, signal: AbortSignal): Promise<Found>;
  lookAgain(): void;
}

export const createChangeWaiters = <Found>(): ChangeWaiters<Found> => {
  const looks = new Set<() => void>();
  return {
    wait(look, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<Found>();
      // At once, not a tick later: who has an answer must not find a second thing, which nobody would let go.
      const leave = (): void => {
        looks.delete(tryOnce);
        signal.removeEventListener('abort', giveUp);
      };
      const giveUp = (): void => {
        leave();
        reject(signal.reason);
      };
      const tryOnce = (): void => {
        const found = look();
        if (found === null) return;
        leave();
        if (found instanceof Error) reject(found);
        else resolve(found);
      };
      looks.add(tryOnce);
      signal.addEventListener('abort', giveUp, { once: true });
      if (signal.aborted) giveUp();
      else tryOnce();
      return promise;
    },
    lookAgain() {
      for (const tryOnce of [...looks]) if (looks.has(tryOnce)) tryOnce();
    },
  };
};
