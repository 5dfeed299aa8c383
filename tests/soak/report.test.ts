import { progressLine } from './progress.ts';
import { createReport, growth, LIMITS, leaksIn, renderReport, type Sample } from './report.ts';

const MIB = 2 ** 20;

const memory = (mib: number) => ({
  rss: mib * MIB,
  heapUsed: mib * MIB,
  heapTotal: mib * MIB,
  external: MIB,
  arrayBuffers: 0,
});

/** Samples of a gateway that holds so much, one number a sample. */
const samplesOf = (liveMiB: readonly number[], descriptors = 40): Sample[] =>
  liveMiB.map((mib, index) => ({
    seconds: index * 10,
    requests: index * 100,
    held: {
      before: memory(200),
      after: memory(mib),
      resources: {},
      delay: { p50: 10, p99: 12, max: 30 },
      warnings: 0,
      descriptors,
    },
  }));

const facts = { seed: 1, minutes: 1, requests: 600, outcomes: { completed: 600 }, leaks: [] };

test('growth is from the second quarter to the last, so that neither the warm-up nor one peak counts', () => {
  const samples = samplesOf([10, 20, 30, 30, 30, 90, 31, 32]);
  expect(growth(samples, ({ after }) => after.heapUsed / MIB)).toBe(2);
  expect(leaksIn(samples)).toEqual([]);
});

test('what grows beyond its limit is a leak, and says by how much', () => {
  const rising = samplesOf([30, 30, 30, 30, 50, 60, 70, 80]);
  expect(leaksIn(rising)).toEqual([`live heap (MiB) grew by 50, more than ${LIMITS.liveHeapMiB}`]);
  const open = [...samplesOf([30, 30, 30, 30]), ...samplesOf([30, 30, 30, 30], 90)];
  expect(leaksIn(open)).toEqual([`descriptors grew by 50, more than ${LIMITS.descriptors}`]);
});

test('the report has first, last and largest of everything, as data and as a table', () => {
  const report = createReport(samplesOf([30, 45, 31, 32]), facts);
  expect(report).toMatchObject({
    requestsPerSecond: 10,
    memoryMiB: { liveHeap: { first: 30, last: 32, max: 45 } },
    eventLoopDelayMs: { p50: 10, p99: 12, max: 30 },
    leaks: [],
  });
  const text = renderReport(report);
  expect(text).toContain('| heap after a collection, MiB | 30 | 32 | 45 |');
  expect(text).toContain('| completed | 600 |');
  expect(text).toMatch(/No leak\.\n$/);
  expect(renderReport({ ...report, leaks: ['a turn is left'] })).toContain('LEAK: a turn is left');
});

test('a line of progress says where the run is and what the gateway holds', () => {
  const [, sample] = samplesOf([30, 30]);
  if (!sample) throw new Error('two samples were asked for');
  expect(progressLine(sample, 60)).toBe(
    '10/60 s · 100 requests · rss 200 MiB · heap 200 MiB (live 30 MiB) · descriptors 40 · delay p99 12 ms, max 30 ms',
  );
});
