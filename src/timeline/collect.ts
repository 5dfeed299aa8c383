import type { MirrorLine } from '../telemetry/mirror/line.ts';
import type { UsageRecord } from '../usage/usage-record.ts';
import { createLostLineFinder, type LostLineFinder, type LostLines } from './lost-lines.ts';
import type { AccessLine } from './model.ts';
import { looksWhole, type Parsed, parseAccessLine, parseMirrorLine, parseUsageRecord } from './parse.ts';
import type { RawLine } from './read-ndjson.ts';
import { createSkippedLines, type SkippedLines } from './skipped-lines.ts';

/** What the files hold of a request, line by line, before anything is made of it. */
export interface Collected {
  /** Mirror lines that carry the request id. */
  readonly own: readonly MirrorLine[];
  /** Mirror lines of the same traces that carry no request id: the request's by descent, or somebody else's. */
  readonly unclaimed: readonly MirrorLine[];
  /** Spans of the same traces that carry another request id. */
  readonly othersSpanIds: ReadonlySet<string>;
  readonly usage: readonly UsageRecord[];
  readonly access: readonly AccessLine[];
  /** The index of the mirror, or the usage log, that a line is from; from 0. */
  readonly logOf: (line: MirrorLine | UsageRecord) => number;
  readonly lost: readonly LostLines[];
  readonly skipped: SkippedLines;
}

/** Takes the lines of a mirror. */
export interface MirrorCollector {
  proto(raw: RawLine): MirrorLine | null;
  /** The same for the share of the mirror that refused requests have, whose lines are numbered for themselves. */
  refused(raw: RawLine): MirrorLine | null;
}

/**
 * Takes every line of the files once. Each method gives back the line where it carries the request id, and was not taken before: a file
 * may be given twice, as a copy or as the rotated sibling of another.
 */
export interface Collector {
  /** For each mirror one, numbered from 0. */
  mirror(log: number): MirrorCollector;
  usage(raw: RawLine, log?: number): UsageRecord | null;
  access(raw: RawLine): AccessLine | null;
  readonly collected: Collected;
}

/** The line, where it can be read; what is skipped is told. */
const lineReader =
  (skipped: SkippedLines) =>
  <Line>(raw: RawLine, parsed: Parsed<Line>): Line | null => {
    if (parsed.type === 'line') return parsed.line;
    if (parsed.type === 'broken') skipped.torn(raw);
    if (parsed.type === 'newer') skipped.newer(raw);
    return null;
  };

const keyOf = (line: MirrorLine | UsageRecord | AccessLine): string =>
  'seq' in line
    ? `${line.type} ${line.trace_id} ${line.span_id} ${line.time_ns} ${line.seq}`
    : `${line.kind} ${line.trace_id} ${line.span_id} ${'time_ns' in line ? line.time_ns : line.time}`;

/** Whether a line is met for the first time; which file that was is kept. */
const createOrigins = () => {
  const logs = new Map<object, number>();
  const seen = new Set<string>();
  return {
    add(line: MirrorLine | UsageRecord | AccessLine, log: number): boolean {
      const key = keyOf(line);
      if (seen.has(key)) return false;
      seen.add(key);
      logs.set(line, log);
      return true;
    },
    logOf: (line: object): number => logs.get(line) ?? 0,
  };
};

/** The same gap, met in two copies of a file, is one. */
const distinctGaps = (gaps: readonly LostLines[]): LostLines[] => [
  ...new Map(gaps.map((gap) => [`${gap.afterNs} ${gap.beforeNs} ${gap.count}`, gap])).values(),
];

const isTorn = (raw: RawLine): boolean => raw.tooLong || !looksWhole(raw.bytes);

/** Sorts mirror lines into the request's own, those of nobody, and those of others in its traces. */
const createSorter = (reqId: string, isNew: (line: MirrorLine, log: number) => boolean) => {
  const needle = Buffer.from(reqId);
  const traces = new Map<string, Buffer>();
  const own: MirrorLine[] = [];
  const unclaimed: MirrorLine[] = [];
  const othersSpanIds = new Set<string>();
  return {
    own,
    unclaimed,
    othersSpanIds,
    concerns: (bytes: Buffer): boolean =>
      bytes.includes(needle) || [...traces.values()].some((trace) => bytes.includes(trace)),
    add(line: MirrorLine, log: number): MirrorLine | null {
      if (line.req_id === reqId) {
        if (!isNew(line, log)) return null;
        if (line.trace_id && !traces.has(line.trace_id))
          traces.set(line.trace_id, Buffer.from(line.trace_id));
        own.push(line);
        return line;
      }
      if (!line.trace_id || !traces.has(line.trace_id)) return null;
      if (line.req_id === null) {
        if (isNew(line, log)) unclaimed.push(line);
      } else if (line.span_id) othersSpanIds.add(line.span_id);
      return null;
    },
  };
};

/**
 * Looks for the bytes of the request id and of its traces before it parses a line, so that a big file costs little.
 * One pass is enough: a request's own first line stands in the file before any line of its descendants.
 */
export const createCollector = (reqId: string): Collector => {
  const needle = Buffer.from(reqId);
  const usage: UsageRecord[] = [];
  const access: AccessLine[] = [];
  const finders: LostLineFinder[] = [];
  const origins = createOrigins();
  const skipped = createSkippedLines();
  const sorter = createSorter(reqId, origins.add);

  const lineOf = lineReader(skipped);

  const mirrorLine = (finder: LostLineFinder, raw: RawLine, log: number): MirrorLine | null => {
    if (isTorn(raw)) {
      finder.torn();
      skipped.torn(raw);
      return null;
    }
    finder.line(raw.bytes);
    if (!sorter.concerns(raw.bytes)) return null;
    const parsed = parseMirrorLine(raw.bytes.toString());
    if (parsed.saved) skipped.torn(raw);
    const line = lineOf(raw, parsed);
    return line && sorter.add(line, log);
  };

  return {
    get collected() {
      const lost = distinctGaps(finders.flatMap(({ found }) => found));
      const { own, unclaimed, othersSpanIds } = sorter;
      return { own, unclaimed, othersSpanIds, usage, access, logOf: origins.logOf, lost, skipped };
    },
    mirror(log) {
      const [proto, refused] = [createLostLineFinder(), createLostLineFinder()];
      finders.push(proto, refused);
      return {
        proto: (raw) => mirrorLine(proto, raw, log),
        refused: (raw) => mirrorLine(refused, raw, log),
      };
    },
    usage(raw, log = 0) {
      if (isTorn(raw)) {
        skipped.torn(raw);
        return null;
      }
      if (!raw.bytes.includes(needle)) return null;
      const line = lineOf(raw, parseUsageRecord(raw.bytes.toString()));
      if (line?.req_id !== reqId || !origins.add(line, log)) return null;
      usage.push(line);
      return line;
    },
    access(raw) {
      if (!raw.bytes.includes(needle)) return null;
      const line = lineOf(raw, parseAccessLine(raw.bytes.toString()));
      if (line?.req_id !== reqId || !origins.add(line, 0)) return null;
      access.push(line);
      return line;
    },
  };
};
