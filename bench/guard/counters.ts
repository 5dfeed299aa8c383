import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';

/** What is counted in each thread of a process: calls, and objects of Node's by their `async_hooks` type. */
export const COUNTED = ['stringify', 'parse', 'promises', 'timers'] as const;
export type Counted = (typeof COUNTED)[number];

/** The counts of the requests' thread, and of all others together. */
export interface ThreadCounts {
  readonly requests: Readonly<Record<Counted, number>>;
  readonly telemetry: Readonly<Record<Counted, number>>;
  /** Bytes that the requests' thread allocated between `begin` and `end`. */
  readonly allocated: number;
}

/** Both are answered with the counts. */
export type GuardQuestion = 'begin' | 'end';

const KEY = 'throughline-guard';

const shared = (): Int32Array => {
  const known = getEnvironmentData(KEY);
  const buffer =
    known instanceof SharedArrayBuffer
      ? known
      : new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * COUNTED.length * 2);
  if (isMainThread) setEnvironmentData(KEY, buffer);
  return new Int32Array(buffer);
};

const rowOf = (counts: Int32Array, row: 0 | 1): Record<Counted, number> =>
  Object.fromEntries(COUNTED.map((name, at) => [name, counts[row * COUNTED.length + at] ?? 0])) as Record<
    Counted,
    number
  >;

/** Counts of this process that all of its threads add to. */
export const createCounters = () => {
  const counts = shared();
  const base = isMainThread ? 0 : COUNTED.length;
  return {
    add(name: Counted): void {
      Atomics.add(counts, base + COUNTED.indexOf(name), 1);
    },
    read: (): Pick<ThreadCounts, 'requests' | 'telemetry'> => ({
      requests: rowOf(counts, 0),
      telemetry: rowOf(counts, 1),
    }),
  };
};
