import type { MirrorLine } from '../telemetry/mirror/line.ts';
import type { UsageRecord } from '../usage/usage-record.ts';
import { isEventLine, isRequestSpan, isSpanLine, startOf } from './line-facts.ts';
import type { AccessLine } from './model.ts';
import { byMaker } from './own-lines.ts';

/** The lines of one use of a request id. */
export interface AttemptLines {
  readonly traceId: string | null;
  /** Which of the mirrors its lines stand in; null where none does. */
  readonly log: number | null;
  /** The SERVER span; null when no line names it. */
  serverSpanId: string | null;
  startNs: bigint;
  readonly mirror: MirrorLine[];
  /** Those of `mirror` that the gateway itself made. */
  readonly own: MirrorLine[];
  usage: UsageRecord | null;
  access: AccessLine | null;
}

/** Finds the SERVER span that a span belongs to by walking up its parents, each step once. */
const createServers = (lines: readonly MirrorLine[], own: readonly MirrorLine[]) => {
  const spans = new Map(lines.filter(isSpanLine).map((line) => [line.span_id ?? '', line]));
  const servers = new Map<string, string | null>();
  for (const line of own.filter(isSpanLine)) {
    if (isRequestSpan(line)) servers.set(line.span_id ?? '', line.span_id);
    else if (line.phase) servers.set(line.span_id ?? '', line.parent_span_id);
  }
  return (spanId: string | null): string | null => {
    const path = new Set<string>();
    let at = spanId;
    while (at !== null && !servers.has(at) && !path.has(at)) {
      path.add(at);
      at = spans.get(at)?.parent_span_id ?? null;
    }
    const server = (at !== null && servers.get(at)) || null;
    for (const step of path) servers.set(step, server);
    return server;
  };
};

const begin = (
  line: { trace_id: string | null },
  startNs: bigint,
  serverSpanId: string | null,
  log: number | null,
): AttemptLines => ({
  traceId: line.trace_id,
  log,
  serverSpanId,
  startNs,
  mirror: [],
  own: [],
  usage: null,
  access: null,
});

const added = (attempts: AttemptLines[], attempt: AttemptLines): AttemptLines => {
  attempts.push(attempt);
  return attempt;
};

/** Adds a line of our own. */
const addOwn = (attempt: AttemptLines, line: MirrorLine): void => {
  attempt.mirror.push(line);
  attempt.own.push(line);
  if (startOf(line) < attempt.startNs) attempt.startNs = startOf(line);
};

/** Adds the line to the attempt of that SERVER span. */
const addByServer = (attempts: AttemptLines[], line: MirrorLine, server: string, log: number): void => {
  const attempt =
    attempts.find(({ serverSpanId }) => serverSpanId === server) ??
    added(attempts, begin(line, startOf(line), server, log));
  addOwn(attempt, line);
};

/** Among the attempts of a trace, the last one that had begun. */
const runningAt = (
  attempts: readonly AttemptLines[],
  traceId: string | null,
  timeNs: bigint,
): AttemptLines | undefined => {
  const ofTrace = attempts
    .filter((attempt) => attempt.traceId === traceId)
    .sort((a, b) => (a.startNs < b.startNs ? -1 : 1));
  return ofTrace.findLast(({ startNs }) => startNs <= timeNs) ?? ofTrace[0];
};

/** Each mirror is written by another gateway. */
const inLog = (attempts: readonly AttemptLines[], log: number): AttemptLines[] =>
  attempts.filter((attempt) => attempt.log === log);

const isArrival = (line: MirrorLine): boolean => isEventLine(line) && line.kind === 'client_request';

const sawIngress = ({ own }: AttemptLines): boolean =>
  own.some((line) => isArrival(line) || (isSpanLine(line) && line.phase === 'http_ingress'));

/** Adds a line that no written span leads from: by trace and time, or as the first sign of a new attempt. */
const addByTime = (attempts: AttemptLines[], line: MirrorLine, log: number): void => {
  const running = runningAt(inLog(attempts, log), line.trace_id, startOf(line));
  const attempt =
    running && !(isArrival(line) && sawIngress(running)) ? running : begin(line, startOf(line), null, log);
  if (attempt !== running) added(attempts, attempt);
  addOwn(attempt, line);
};

/** Adds a backend's line to an attempt that is there: it makes none, and says nothing of when one began. */
const addForeign = (attempts: AttemptLines[], line: MirrorLine, server: string | null, log: number): void => {
  const attempt =
    attempts.find(({ serverSpanId }) => server !== null && serverSpanId === server) ??
    runningAt(inLog(attempts, log), line.trace_id, startOf(line)) ??
    attempts[0];
  attempt?.mirror.push(line);
};

const arrivalsFirst = (line: MirrorLine): number => (isArrival(line) ? 0 : 1);

/**
 * Sorts a request's lines by attempt (of a gateway; `groupJourneys` joins those of several): each SERVER span is one, and so is each arrival whose spans were never
 * written, because the request still runs or the process died. The backend's lines go where ours lead.
 */
export const groupMirrorLines = (
  lines: readonly MirrorLine[],
  logOf: (line: MirrorLine) => number,
): AttemptLines[] => {
  const { own, foreign } = byMaker(lines);
  const serverOf = createServers([...own, ...foreign], own);
  const attempts: AttemptLines[] = [];
  const loose: MirrorLine[] = [];
  for (const line of own) {
    const server = serverOf(line.span_id);
    if (server === null) loose.push(line);
    else addByServer(attempts, line, server, logOf(line));
  }
  for (const line of loose.sort((a, b) => arrivalsFirst(a) - arrivalsFirst(b)))
    addByTime(attempts, line, logOf(line));
  for (const line of foreign) addForeign(attempts, line, serverOf(line.span_id), logOf(line));
  return attempts;
};

const MILLISECOND = 1_000_000n;

/** Nanoseconds since the epoch, as far as the line knows them. */
export const accessTime = (line: AccessLine): bigint => BigInt(Date.parse(line.time)) * MILLISECOND;

const backFrom = (endNs: bigint, durationMs: number | undefined): bigint =>
  endNs - BigInt(Math.round((Number.isFinite(durationMs) ? (durationMs ?? 0) : 0) * 1e6));

const ownerOf = (
  attempts: readonly AttemptLines[],
  line: { trace_id?: string; span_id?: string },
  endNs: bigint,
  isFree: (attempt: AttemptLines) => boolean,
): AttemptLines | undefined => {
  const free = attempts.filter(isFree);
  const ofSpan = free.find(
    (attempt) => line.span_id !== undefined && attempt.mirror.some(({ span_id }) => span_id === line.span_id),
  );
  return ofSpan ?? runningAt(free, line.trace_id ?? null, endNs);
};

/** Gives each attempt its usage record; a record of no known attempt is one that the mirror does not hold. */
export const addUsageRecord = (attempts: AttemptLines[], record: UsageRecord): void => {
  const endNs = BigInt(record.time_ns);
  const attempt =
    ownerOf(attempts, record, endNs, ({ usage }) => usage === null) ??
    added(attempts, begin(record, backFrom(endNs, record.duration_ms), null, null));
  attempt.usage = record;
};

/** Gives each attempt its access line, as `addUsage` does. */
export const addAccess = (attempts: AttemptLines[], line: AccessLine): void => {
  const endNs = accessTime(line) + MILLISECOND;
  const trace = { trace_id: line.trace_id ?? null };
  const attempt =
    ownerOf(attempts, line, endNs, ({ access }) => access === null) ??
    added(attempts, begin(trace, backFrom(endNs, line.duration_ms), null, null));
  attempt.access = line;
};
