import type { GatewayError } from '../../errors.ts';
import type { AdmissionLimits, Wish } from './admission.ts';
import { keyShareUsed } from './refusals.ts';

/** Counts what each API key has, running and waiting, so that none takes all. Holds only keys that have something. */
export interface KeyShares {
  /** Why the key may have no more, or null. */
  problem(wish: Pick<Wish, 'key' | 'stream'>): GatewayError | null;
  /** Why no more of the key's requests may wait, or null. */
  waitingProblem(wish: Wish, waiting: number): GatewayError | null;
  enter(wish: Wish): void;
  leave(wish: Wish): void;
}

const half = (number: number): number => Math.ceil(number / 2);

/**
 * The share counts requests of all kinds. Of places that are fewer, those of streams and of the queue, a key may have
 * half at most, unless its share is everything.
 */
export const createKeyShares = (limits: AdmissionLimits): KeyShares => {
  const { maxConcurrency, queueMax } = limits;
  const max = limits.maxPerKey ?? Number.POSITIVE_INFINITY;
  const maxStreams = Math.min(limits.maxStreams, maxConcurrency);
  const isShared = max < maxConcurrency;
  const streamShare = isShared ? Math.min(max, half(maxStreams)) : max;
  const waitingShare = isShared ? half(queueMax) : max;
  const counts = new Map<string, { all: number; streams: number }>();
  const countOf = (key: string) => counts.get(key) ?? { all: 0, streams: 0 };

  return {
    problem({ key, stream }) {
      if (key === null) return null;
      const { all, streams } = countOf(key);
      if (all >= max) return keyShareUsed(`${all} requests open`);
      return stream && streams >= streamShare ? keyShareUsed(`${streams} streams open`) : null;
    },
    waitingProblem: ({ key }, waiting) =>
      key !== null && queueMax > 0 && waiting >= waitingShare
        ? keyShareUsed(`${waiting} requests waiting`)
        : null,
    enter({ key, stream }) {
      if (key === null) return;
      const { all, streams } = countOf(key);
      counts.set(key, { all: all + 1, streams: streams + Number(stream) });
    },
    leave({ key, stream }) {
      if (key === null) return;
      const { all, streams } = countOf(key);
      if (all === 1) counts.delete(key);
      else counts.set(key, { all: all - 1, streams: streams - Number(stream) });
    },
  };
};
