import { lookUp, throughput } from '../../bench/report/look-up.ts';
import { renderResults, renderTargets, wrongAnswers } from '../../bench/report/render.ts';
import { figure, type Target, targetsOf, verdict } from '../../bench/report/targets.ts';
import type { Cell, Results, Round } from '../../bench/results.ts';

const roundOf = (requestsPerSecond: number, cpuMs = 1): Round => ({
  requestsPerSecond,
  latency: { p50: 2, p99: 9 },
  firstByte: { p50: 1, p99: 5 },
  cpu: { thread: cpuMs, own: cpuMs, all: cpuMs },
  delay: { p99: 3, max: 60 },
});

const cellOf = (row: string, scene: string, rounds: readonly Round[]): Cell => ({
  row,
  scene,
  rounds,
  requests: 100,
  wrongCount: 0,
  wrong: [],
});

const resultsOf = (cells: readonly Cell[], more: Partial<Results> = {}): Results => ({
  machine: { cpu: 'Some CPU', cores: 2, memoryGiB: 16, system: 'Linux 6.1', node: '24.0.0' },
  rounds: 3,
  roundMs: 1_000,
  cells,
  rows: [],
  quiet: [],
  idle: [],
  exported: { exports: 4, spans: 40 },
  notes: [],
  ...more,
});

const targetOf = (results: Results, what: string): Target => {
  const target = targetsOf(results).find((each) => each.what === what);
  if (!target) throw new Error(`there is no target ${what}`);
  return target;
};

const FULL_STREAMS = 'throughput of Hono + fetch, full, streams of 64';

test('a share of the floor is the median of the rounds’ shares', () => {
  const results = resultsOf([
    cellOf('hono-fetch', 'stream-64', [roundOf(100), roundOf(10), roundOf(200)]),
    cellOf('full', 'stream-64', [roundOf(80), roundOf(9), roundOf(170)]),
  ]);
  const target = targetOf(results, FULL_STREAMS);
  expect(target.measured).toBeCloseTo(85);
  expect(verdict(target)).toBe('met');
});

test('what is missing of a target is said in its unit', () => {
  const results = resultsOf([
    cellOf('hono-fetch', 'stream-64', [roundOf(100)]),
    cellOf('full', 'stream-64', [roundOf(60, 1.6)]),
  ]);
  expect(verdict(targetOf(results, FULL_STREAMS))).toBe('20.0 % too little');
  expect(verdict(targetOf(results, 'CPU of all threads, full, a stream of 64'))).toBe('0.50 ms too much');
});

test('a chunk and a request are told apart by streams of two lengths', () => {
  const { lineOf } = lookUp(
    resultsOf([
      cellOf('full', 'stream-8', [roundOf(1, 1.08)]),
      cellOf('full', 'stream-64', [roundOf(1, 1.64)]),
    ]),
  );
  expect(lineOf('full', ({ cpu }) => cpu.all)).toEqual({
    chunkUs: expect.closeTo(10),
    requestMs: expect.closeTo(1),
  });
  expect(lineOf('off', ({ cpu }) => cpu.all)).toBeUndefined();
});

test('what was not measured is said to be so', () => {
  const results = resultsOf([]);
  expect(targetsOf(results).every((target) => verdict(target) === 'not measured')).toBe(true);
  expect(lookUp(results).value('full', 'plain', throughput)).toBeUndefined();
  expect(renderTargets(results)).toContain(`${FULL_STREAMS} ≥ 80.0 %: not measured\n`);
});

test('lines that are missing and lines that tell of a loss count as lost', () => {
  const lag = { p50: 5, p99: 90, max: 120 };
  const full = { row: 'full', readyMs: 400, rssReady: 140e6, rssEnd: 150e6, lag };
  const results = resultsOf([], { rows: [{ ...full, mirror: { lines: 10, lost: 2, errors: 1 } }] });
  expect(verdict(targetOf(results, 'lines lost'))).toBe('3.00 lines too much');
  expect(verdict(targetOf(results, 'start to ready, full'))).toBe('met');
});

test('the page has the machine, a table for each scene that was run, and what was left out', () => {
  const page = renderResults(
    resultsOf([cellOf('model', 'plain', [roundOf(5_000)]), cellOf('full', 'plain', [roundOf(500, 2)])], {
      notes: ['Portkey is left out:\nno network'],
      quiet: [{ row: 'full', streams: 1_000, bytesPerStream: 90_000, wrongCount: 0 }],
      idle: [{ row: 'full', seconds: 300, cpuMs: 120, rssBegin: 2 ** 27, rssEnd: 2 ** 27 }],
    }),
  );
  expect(page).toContain('Some CPU, 2 cores, 16 GiB of memory, Linux 6.1, Node 24.0.0. 3 rounds of 1 s');
  expect(page).toContain('200 answers were checked');
  expect(page).toContain('- Portkey is left out: no network');
  expect(page).toContain('## Plain requests');
  expect(page).not.toContain('## Streams of 8 chunks');
  expect(page).toContain('| The model server alone (`model`) | 5000 |');
  expect(page).toMatch(/\(`full`\) \| 90\.0 \| 0 \|/);
  expect(page).toMatch(/\(`full`\) \| 120 \| 128 \| 128 \|/);
});

test('wrong answers are told with their row and scene', () => {
  const cell = { ...cellOf('full', 'plain', []), wrongCount: 2, wrong: ['status 503: busy'] };
  const quiet = [{ row: 'off', streams: 1_000, bytesPerStream: 0, wrongCount: 1 }];
  expect(wrongAnswers({ cells: [cell], quiet })).toEqual([
    'full, plain: 2 of 100 answers are wrong: status 503: busy',
    'off, quiet: 1 answers are wrong',
  ]);
});

test('a figure has three digits where it has any', () => {
  expect([0, 0.123, 1.234, 12.34, 123.4, 1234.5].map(figure)).toEqual([
    '0',
    '0.12',
    '1.23',
    '12.3',
    '123',
    '1235',
  ]);
});
