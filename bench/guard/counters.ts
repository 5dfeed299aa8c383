/** What is counted on the requests' thread: calls, and objects of Node's by their `async_hooks` type. */
export const COUNTED = ['stringify', 'parse', 'promises', 'timers'] as const;
export type Counted = (typeof COUNTED)[number];

/** The counts since the thread began. */
export interface Counts extends Readonly<Record<Counted, number>> {
  /** Bytes that it allocated between `begin` and `end`. */
  readonly allocated: number;
}

/** Both are answered with the counts. */
export type GuardQuestion = 'begin' | 'end';
