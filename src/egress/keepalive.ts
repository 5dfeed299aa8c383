import type { Later } from '../later.ts';

/** Counts the time in which nothing is sent. */
export interface Pulse {
  /** Starts again from nought: something was sent. */
  restart(): void;
  /** Sets who is told that it was quiet for too long, at once where it was already; null for nobody. */
  listen(onQuiet: (() => void) | null): void;
  stop(): void;
}

export type CreatePulse = () => Pulse;

/** For streams that are never kept alive. */
export const createNoPulse: CreatePulse = () => ({
  restart: () => undefined,
  listen: () => undefined,
  stop: () => undefined,
});

/** `ms` is how long it may be quiet, in milliseconds. */
export const createPulses =
  (ms: number, later: Later): CreatePulse =>
  () => {
    let isQuiet = false;
    let listener: (() => void) | null = null;
    let stopTimer: () => void = () => undefined;
    const restart = (): void => {
      stopTimer();
      isQuiet = false;
      stopTimer = later(ms, () => {
        isQuiet = true;
        listener?.();
      });
    };
    restart();
    return {
      restart,
      listen(onQuiet) {
        listener = onQuiet;
        if (isQuiet) listener?.();
      },
      stop: () => stopTimer(),
    };
  };

export const QUIET = Symbol('quiet');

/** Hands on what comes, and `QUIET` where it was quiet for too long while nothing came. */
export async function* withQuiet<T>(
  events: AsyncIterable<T>,
  pulse: Pulse,
): AsyncGenerator<T | typeof QUIET> {
  const iterator = events[Symbol.asyncIterator]();
  let next = iterator.next();
  try {
    for (;;) {
      const result = await nextOrQuiet(next, pulse);
      if (result === QUIET) yield QUIET;
      else if (result.done) return;
      else {
        yield result.value;
        next = iterator.next();
      }
    }
  } finally {
    pulse.stop();
    // Whoever leaves the loop while something is still to come hears no more of it.
    next.catch(() => undefined);
    await iterator.return?.();
  }
}

/** A promise of its own each time: a race would leave something behind on a pulse that lives as long as the stream. */
const nextOrQuiet = <R>(next: Promise<R>, pulse: Pulse): Promise<R | typeof QUIET> =>
  new Promise<R | typeof QUIET>((resolve, reject) => {
    next.then(resolve, reject);
    pulse.listen(() => resolve(QUIET));
  }).finally(() => pulse.listen(null));
