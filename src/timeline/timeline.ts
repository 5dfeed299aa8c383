import { refusedPathOf } from '../telemetry/mirror/refused-path.ts';
import { type AttemptLines, addAccess, addUsageRecord, groupMirrorLines } from './attempts.ts';
import { type Collected, createCollector } from './collect.ts';
import { withDescendants } from './descent.ts';
import { buildEntries } from './entries.ts';
import { markFirstToken } from './first-token.ts';
import { earliest, endOf, isEventLine, isSpanLine, latest, startOf } from './line-facts.ts';
import type { Attempt, Entry, Searched, SpanNode, Timeline, TimelineQuery } from './model.ts';
import { attemptNotes, depthNote, fileNotes } from './notes.ts';
import { readNdjson } from './read-ndjson.ts';
import { buildSpanTree } from './span-tree.ts';
import { summarize } from './summary.ts';

export type * from './model.ts';
export { LogFileError } from './read-ndjson.ts';

interface BuiltAttempt {
  readonly attempt: Attempt;
  readonly spans: readonly SpanNode[];
  readonly entries: readonly Entry[];
  readonly notes: readonly string[];
}

const ended = ({ own, usage, access }: AttemptLines): boolean =>
  usage !== null || access !== null || own.some((line) => isSpanLine(line) && line.phase === 'usage_summary');

/** The instants that an attempt's own lines speak of; an access line is too coarse to be one. */
const instants = ({ own, usage, startNs }: AttemptLines): bigint[] => [
  startNs,
  ...own
    .filter((line) => isEventLine(line) || line.req_id !== null)
    .flatMap((line) => [startOf(line), endOf(line)]),
  ...(usage ? [BigInt(usage.time_ns)] : []),
];

/** The backend's spans of the request may outlast it, and the scale has room for them. */
const lastOf = ({ mirror }: AttemptLines, times: readonly bigint[]): bigint =>
  latest([...times, ...mirror.filter((line) => isSpanLine(line) && line.req_id !== null).map(endOf)]);

const usageFirstToken = ({ usage }: AttemptLines, startNs: bigint): bigint | null =>
  typeof usage?.first_token_ms === 'number' ? startNs + BigInt(Math.round(usage.first_token_ms * 1e6)) : null;

const buildAttempt = (
  lines: AttemptLines,
  number: number,
  collected: Collected,
  searched: readonly Searched[],
): BuiltAttempt => {
  const times = instants(lines);
  const startNs = earliest(times);
  const { spans, tooDeep } = buildSpanTree(lines, number, ended(lines));
  const marked = markFirstToken(
    buildEntries(lines, { attempt: number, startNs }),
    spans,
    usageFirstToken(lines, startNs),
  );
  const attempt: Attempt = {
    number,
    traceId: lines.traceId,
    startNs,
    lastNs: lastOf(lines, times),
    ended: ended(lines),
    firstTokenNs: marked.firstTokenNs,
    ...summarize(lines),
  };
  return {
    attempt,
    spans,
    entries: marked.entries,
    notes: [...attemptNotes(attempt, lines, collected, searched), ...depthNote(tooDeep)],
  };
};

const search = async (query: TimelineQuery): Promise<{ collected: Collected; searched: Searched[] }> => {
  const collector = createCollector(query.reqId);
  const searched: Searched[] = [];
  // Most folders have none, which is nothing to be told of.
  const refused = refusedPathOf(query.protoLog);
  if (refused !== query.protoLog && (await readNdjson(refused, collector.refused)))
    searched.push({ source: 'proto', path: refused, found: true });
  const files = [
    { source: 'proto', path: query.protoLog, onLine: collector.proto },
    { source: 'usage', path: query.usageLog, onLine: collector.usage },
    { source: 'access', path: query.accessLog, onLine: collector.access },
  ] as const;
  for (const { source, path, onLine } of files) {
    if (path !== undefined) searched.push({ source, path, found: await readNdjson(path, onLine) });
  }
  return { collected: collector.collected, searched };
};

const group = (reqId: string, collected: Collected): { attempts: AttemptLines[]; orphans: number } => {
  const { lines, orphans } = withDescendants(reqId, collected);
  const attempts = groupMirrorLines(lines);
  for (const record of collected.usage) addUsageRecord(attempts, record);
  for (const line of collected.access) addAccess(attempts, line);
  return { attempts: attempts.sort((a, b) => (a.startNs < b.startNs ? -1 : 1)), orphans };
};

/**
 * Reads a request back from the files that the gateway wrote, rotated ones included. The memory that it takes
 * grows with the request, not with the files.
 *
 * @throws LogFileError for a file that is there and cannot be read
 */
export const readTimeline = async (query: TimelineQuery): Promise<Timeline> => {
  const { collected, searched } = await search(query);
  const { attempts, orphans } = group(query.reqId, collected);
  const built = attempts.map((lines, index) => buildAttempt(lines, index + 1, collected, searched));
  const label = (number: number): string => (built.length > 1 ? `attempt ${number}: ` : '');
  return {
    reqId: query.reqId,
    attempts: built.map(({ attempt }) => attempt),
    spans: built.flatMap(({ spans }) => spans),
    entries: built.flatMap(({ entries }) => entries),
    notes: [
      ...built.flatMap(({ attempt, notes }) => notes.map((note) => label(attempt.number) + note)),
      ...fileNotes(searched, collected, orphans),
    ],
    searched,
  };
};
