import type { Held } from '../support/load/probe.ts';

export type Sample = { readonly seconds: number; readonly requests: number; readonly held: Held };

/** First, last and largest of one measure. */
export type Range = { readonly first: number; readonly last: number; readonly max: number };

export type Report = {
  readonly seed: number;
  readonly minutes: number;
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly memoryMiB: Readonly<Record<'rss' | 'heap' | 'liveHeap' | 'external', Range>>;
  readonly descriptors: Range;
  readonly eventLoopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly leaks: readonly string[];
};

/** What may grow between the second quarter of a run and the last one. The first quarter is for warming up. */
export const LIMITS = { liveHeapMiB: 16, rssMiB: 64, descriptors: 16 } as const;

const MIB = 2 ** 20;

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
const round = (value: number): number => Math.round(value * 10) / 10;

const rangeOf = (samples: readonly Sample[], measure: (held: Held) => number): Range => {
  const values = samples.map(({ held }) => round(measure(held)));
  return { first: values[0] ?? 0, last: values.at(-1) ?? 0, max: Math.max(0, ...values) };
};

/** By how much the median of the last quarter is above that of the second. */
export const growth = (samples: readonly Sample[], measure: (held: Held) => number): number => {
  const values = samples.map(({ held }) => measure(held));
  const quarter = Math.max(1, Math.floor(values.length / 4));
  return round(median(values.slice(-quarter)) - median(values.slice(quarter, 2 * quarter)));
};

const liveHeap = ({ after }: Held): number => after.heapUsed / MIB;
const rss = ({ before }: Held): number => before.rss / MIB;
const descriptors = (held: Held): number => held.descriptors;

/** What grew more than it may, in words. */
export const leaksIn = (samples: readonly Sample[]): string[] => {
  const grown = [
    { what: 'live heap (MiB)', by: growth(samples, liveHeap), limit: LIMITS.liveHeapMiB },
    { what: 'resident memory (MiB)', by: growth(samples, rss), limit: LIMITS.rssMiB },
    { what: 'descriptors', by: growth(samples, descriptors), limit: LIMITS.descriptors },
  ];
  return grown
    .filter(({ by, limit }) => by > limit)
    .map(({ what, by, limit }) => `${what} grew by ${by}, more than ${limit}`);
};

export const createReport = (
  samples: readonly Sample[],
  facts: Pick<Report, 'seed' | 'minutes' | 'requests' | 'outcomes' | 'leaks'>,
): Report => ({
  ...facts,
  requestsPerSecond: round(facts.requests / (facts.minutes * 60)),
  memoryMiB: {
    rss: rangeOf(samples, rss),
    heap: rangeOf(samples, ({ before }) => before.heapUsed / MIB),
    liveHeap: rangeOf(samples, liveHeap),
    external: rangeOf(samples, ({ before }) => before.external / MIB),
  },
  descriptors: rangeOf(samples, descriptors),
  eventLoopDelayMs: {
    p50: median(samples.map(({ held }) => held.delay.p50)),
    p99: median(samples.map(({ held }) => held.delay.p99)),
    max: Math.max(0, ...samples.map(({ held }) => held.delay.max)),
  },
  leaks: [...facts.leaks, ...leaksIn(samples)],
});

const row = (name: string, { first, last, max }: Range): string =>
  `| ${name} | ${first} | ${last} | ${max} |`;

/** The report as tables in Markdown. */
export const renderReport = (report: Report): string => {
  const { memoryMiB, eventLoopDelayMs: delay, outcomes } = report;
  return [
    `${report.requests} requests in ${report.minutes} minutes, ${report.requestsPerSecond} a second, seed ${report.seed}`,
    '',
    '| | first | last | max |',
    '|---|---|---|---|',
    row('resident memory, MiB', memoryMiB.rss),
    row('heap, MiB', memoryMiB.heap),
    row('heap after a collection, MiB', memoryMiB.liveHeap),
    row('external, MiB', memoryMiB.external),
    row('descriptors', report.descriptors),
    '',
    `Event loop delay: p50 ${delay.p50} ms, p99 ${delay.p99} ms (medians of the samples), max ${delay.max} ms.`,
    '',
    '| what the client saw | requests |',
    '|---|---|',
    ...Object.entries(outcomes).map(([word, count]) => `| ${word} | ${count} |`),
    '',
    report.leaks.length === 0 ? 'No leak.' : `LEAK: ${report.leaks.join('; ')}`,
    '',
  ].join('\n');
};
