import type { Results, RowFacts } from '../results.ts';
import {
  cpuAll,
  cpuOwn,
  cpuThread,
  firstByte,
  type LookUp,
  longestDelay,
  lookUp,
  type Measure,
  throughput,
} from './look-up.ts';

/** One figure that is aimed at. */
export interface Target {
  readonly what: string;
  /** `most`: it may be so large; `least`: it must be. */
  readonly bound: 'most' | 'least';
  readonly limit: number;
  readonly unit: string;
  /** Undefined: it was not measured. */
  readonly measured: number | undefined;
}

const PERCENT = 100;
const MB = 1e6;
const MIB = 2 ** 20;
const HOSTILE_MB = 30;
const MS_PER_SECOND = 1000;

const minus = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a - b;

const times = (a: number | undefined, factor: number): number | undefined =>
  a === undefined ? undefined : a * factor;

const inverse = (a: number | undefined): number | undefined => (a ? 1 / a : undefined);

type Bound = Pick<Target, 'bound' | 'limit' | 'unit'>;
const most = (limit: number, unit: string): Bound => ({ bound: 'most', limit, unit });
const least = (limit: number, unit: string): Bound => ({ bound: 'least', limit, unit });

const throughputTargets = ({ ratio }: LookUp): Target[] => {
  const share = (row: string, scene: string) => times(ratio(row, 'hono-fetch', scene, throughput), PERCENT);
  const against = (scene: string) => ratio('full', 'portkey', scene, throughput);
  const of = (what: string) => `throughput of Hono + fetch, ${what}`;
  return [
    { what: of('full, streams of 64'), ...least(80, '%'), measured: share('full', 'stream-64') },
    { what: of('full, plain'), ...least(80, '%'), measured: share('full', 'plain') },
    { what: of('metadata, streams of 64'), ...least(90, '%'), measured: share('metadata', 'stream-64') },
    { what: of('metadata, plain'), ...least(90, '%'), measured: share('metadata', 'plain') },
    { what: 'throughput of Portkey untraced, full, plain', ...least(2, '×'), measured: against('plain') },
    {
      what: 'throughput of Portkey untraced, full, streams of 64',
      ...least(3, '×'),
      measured: against('stream-64'),
    },
    {
      what: "first byte of a stream, one client, of Portkey's",
      ...most(10, '%'),
      measured: times(ratio('full', 'portkey', 'alone', firstByte), PERCENT),
    },
  ];
};

const cpuTargets = ({ value, lineOf, ratio }: LookUp): Target[] => {
  const over = (measure: Measure, of: 'chunkUs' | 'requestMs') =>
    minus(lineOf('full', measure)?.[of], lineOf('hono-fetch', measure)?.[of]);
  const app = lineOf('app-full', cpuOwn);
  const dearer = (row: string, than: string, scene: string, measure: Measure): number | undefined =>
    times(minus(ratio(row, than, scene, measure), 1), PERCENT);
  return [
    {
      what: 'CPU of all threads, full, a stream of 64',
      ...most(1.1, 'ms'),
      measured: value('full', 'stream-64', cpuAll),
    },
    {
      what: 'CPU of all threads, full, a plain request',
      ...most(0.4, 'ms'),
      measured: value('full', 'plain', cpuAll),
    },
    {
      what: "the request's thread, full, a chunk",
      ...most(8, 'µs'),
      measured: lineOf('full', cpuThread)?.chunkUs,
    },
    {
      what: "the request's thread, full, a request, over Hono + fetch",
      ...most(0.25, 'ms'),
      measured: over(cpuThread, 'requestMs'),
    },
    { what: "app-server, full, the gateway's process, a chunk", ...most(25, 'µs'), measured: app?.chunkUs },
    {
      what: "app-server, full, the gateway's process, a request",
      ...most(1, 'ms'),
      measured: app?.requestMs,
    },
    {
      what: 'app-server, what full tracing adds to capture and mirror off',
      ...most(15, '%'),
      measured: dearer('app-full', 'app-off', 'stream-64', cpuOwn),
    },
    {
      what: 'mirror off, no export: what capture full adds to capture off',
      ...most(3, '%'),
      measured: dearer('full-bare', 'off-bare', 'stream-64', cpuAll),
    },
    {
      what: 'prompts of 75,000 tokens, full, a second and core',
      ...least(230, 'requests'),
      measured: times(inverse(value('full', 'long-prompt', cpuAll)), MS_PER_SECOND),
    },
  ];
};

const stateTargets = ({ value }: LookUp, { rows, quiet }: Results): Target[] => {
  const full: RowFacts | undefined = rows.find(({ row }) => row === 'full');
  const perStream = quiet.find(({ row }) => row === 'full')?.bytesPerStream;
  return [
    { what: 'from an event to its file under load, p99', ...most(100, 'ms'), measured: full?.lag?.p99 },
    {
      what: 'lines lost',
      ...most(0, 'lines'),
      measured: full?.mirror ? full.mirror.lost + full.mirror.errors : undefined,
    },
    {
      what: "the event loop's longest delay under a hostile prompt of 30 MB, a megabyte",
      ...most(3, 'ms'),
      measured: times(value('full', 'hostile', longestDelay), 1 / HOSTILE_MB),
    },
    { what: 'start to ready, full', ...most(500, 'ms'), measured: full?.readyMs },
    { what: 'memory when ready, full', ...most(150, 'MB'), measured: times(full?.rssReady, 1 / MB) },
    { what: 'a quiet stream, full', ...most(100, 'kB'), measured: times(perStream, 1 / MS_PER_SECOND) },
  ];
};

export const toMib = (bytes: number): number => bytes / MIB;

/** All that is aimed at, with what was measured. */
export const targetsOf = (results: Results): Target[] => {
  const asked = lookUp(results);
  return [...throughputTargets(asked), ...cpuTargets(asked), ...stateTargets(asked, results)];
};

/** A figure with as many digits as it deserves. */
export const figure = (value: number): string => {
  const size = Math.abs(value);
  return value.toFixed(size === 0 || size >= 100 ? 0 : size >= 10 ? 1 : 2);
};

/** `met`, or by how much it was missed, or that it was not measured. */
export const verdict = ({ bound, limit, unit, measured }: Target): string => {
  if (measured === undefined) return 'not measured';
  const missing = bound === 'most' ? measured - limit : limit - measured;
  if (missing <= 0) return 'met';
  return `${figure(missing)} ${unit} ${bound === 'most' ? 'too much' : 'too little'}`;
};
