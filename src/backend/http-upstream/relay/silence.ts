import type { Timers } from '../../../later.ts';

/** Tells when nothing was heard for a while. */
export interface Silence {
  heard(): void;
  /** From now on silence is not the other side's doing, until `goOn`. */
  hold(): void;
  goOn(): void;
  stop(): void;
}

/** The timer is set again when it runs out, not each time that something is heard. */
export const watchSilence = (timers: Timers, ms: number, onSilent: () => void): Silence => {
  let heardAt = timers.now();
  let isHeld = false;
  let cancel: (() => void) | null = null;

  const set = (inMs: number): void => {
    cancel = timers.later(inMs, () => {
      cancel = null;
      if (isHeld) return;
      const restMs = ms - (timers.now() - heardAt);
      if (restMs > 0) set(restMs);
      else onSilent();
    });
  };
  set(ms);

  return {
    heard() {
      heardAt = timers.now();
    },
    hold() {
      isHeld = true;
    },
    goOn() {
      isHeld = false;
      heardAt = timers.now();
      if (!cancel) set(ms);
    },
    stop() {
      // Held for good, so that a timer which runs out just now says nothing.
      isHeld = true;
      cancel?.();
    },
  };
};
