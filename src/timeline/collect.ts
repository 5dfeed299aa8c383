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
  readonly lost: readonly LostLines[];
  readonly skipped: SkippedLines;
}

/** Takes every line of the files once. Each method gives back the line where it carries the request id. */
export interface Collector {
  proto(raw: RawLine): MirrorLine | null;
  /** The same for the share of the mirror that refused requests have, whose lines are numbered for themselves. */
  refused(raw: RawLine): MirrorLine | null;
  usage(raw: RawLine): UsageRecord | null;
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

const isTorn = (raw: RawLine): boolean => raw.tooLong || !looksWhole(raw.bytes);

/**
 * Looks for the bytes of the request id and of its traces before it parses a line, so that a big file costs little.
 * One pass is enough: a request's own first line stands in the file before any line of its descendants.
 */
export const createCollector = (reqId: string): Collector => {
  const needle = Buffer.from(reqId);
  const traces = new Map<string, Buffer>();
  const own: MirrorLine[] = [];
  const unclaimed: MirrorLine[] = [];
  const othersSpanIds = new Set<string>();
  const usage: UsageRecord[] = [];
  const access: AccessLine[] = [];
  const lost = { proto: createLostLineFinder(), refused: createLostLineFinder() };
  const skipped = createSkippedLines();

  const concerns = (bytes: Buffer): boolean =>
    bytes.includes(needle) || [...traces.values()].some((trace) => bytes.includes(trace));

  const sortIn = (line: MirrorLine): MirrorLine | null => {
    if (line.req_id === reqId) {
      if (line.trace_id && !traces.has(line.trace_id)) traces.set(line.trace_id, Buffer.from(line.trace_id));
      own.push(line);
      return line;
    }
    if (!line.trace_id || !traces.has(line.trace_id)) return null;
    if (line.req_id === null) unclaimed.push(line);
    else if (line.span_id) othersSpanIds.add(line.span_id);
    return null;
  };

  const lineOf = lineReader(skipped);

  const mirrorLine = (finder: LostLineFinder, raw: RawLine): MirrorLine | null => {
    if (isTorn(raw)) {
      finder.torn();
      skipped.torn(raw);
      return null;
    }
    finder.line(raw.bytes);
    if (!concerns(raw.bytes)) return null;
    const parsed = parseMirrorLine(raw.bytes.toString());
    if (parsed.saved) skipped.torn(raw);
    const line = lineOf(raw, parsed);
    return line && sortIn(line);
  };

  return {
    get collected() {
      const gaps = [...lost.proto.found, ...lost.refused.found];
      return { own, unclaimed, othersSpanIds, usage, access, lost: gaps, skipped };
    },
    proto: (raw) => mirrorLine(lost.proto, raw),
    refused: (raw) => mirrorLine(lost.refused, raw),
    usage(raw) {
      if (isTorn(raw)) {
        skipped.torn(raw);
        return null;
      }
      if (!raw.bytes.includes(needle)) return null;
      const line = lineOf(raw, parseUsageRecord(raw.bytes.toString()));
      if (line?.req_id !== reqId) return null;
      usage.push(line);
      return line;
    },
    access(raw) {
      if (!raw.bytes.includes(needle)) return null;
      const line = lineOf(raw, parseAccessLine(raw.bytes.toString()));
      if (line?.req_id !== reqId) return null;
      access.push(line);
      return line;
    },
  };
};
