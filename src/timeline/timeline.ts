import { refusedPathOf } from '../telemetry/mirror/refused-path.ts';
import { type AttemptLines, addAccess, addUsageRecord, groupMirrorLines } from './attempts.ts';
import { type Collected, type Collector, createCollector } from './collect.ts';
import { withDescendants } from './descent.ts';
import { buildEntries, inTimeOrder } from './entries.ts';
import { markFirstToken } from './first-token.ts';
import { buildSpanTree } from './journey-tree.ts';
import { groupJourneys, type Journey, type JourneyHop, servicesOf } from './journeys.ts';
import { earliest, endOf, isEventLine, isRequestSpan, isSpanLine, latest, startOf } from './line-facts.ts';
import { distinctPaths } from './log-files.ts';
import type { Attempt, Entry, Searched, SpanNode, Timeline, TimelineQuery } from './model.ts';
import { attemptNotes, fileNotes, type HopNotes, treeNotes } from './notes.ts';
import { type RawLine, readNdjson } from './read-ndjson.ts';
import { summarize } from './summary.ts';

export type * from './model.ts';
export { LogFileError } from './read-ndjson.ts';

interface BuiltAttempt {
  readonly attempt: Attempt;
  readonly spans: readonly SpanNode[];
  readonly entries: readonly Entry[];
  readonly notes: readonly string[];
}

/** What the gateway answers by itself (`/docs`, probes) has no phases: its SERVER span is its end. */
const endedWithoutPhases = (own: AttemptLines['own']): boolean =>
  own.every(({ phase }) => phase === null) && own.some((line) => isSpanLine(line) && isRequestSpan(line));

const ended = ({ own, usage, access }: AttemptLines): boolean =>
  usage !== null ||
  access !== null ||
  own.some((line) => isSpanLine(line) && line.phase === 'usage_summary') ||
  endedWithoutPhases(own);

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

const isOver = ({ lines }: JourneyHop): boolean => ended(lines);

/** What a gateway itself says of its part. */
const attemptOf = (hop: JourneyHop, number: number): Attempt => {
  const times = instants(hop.lines);
  return {
    number,
    traceId: hop.lines.traceId,
    services: [],
    startNs: earliest(times),
    lastNs: lastOf(hop.lines, times),
    ended: isOver(hop),
    firstTokenNs: null,
    ...summarize(hop.lines),
  };
};

/** The entries of all gateways on one scale of time, which begins with the outermost; that one says which brought the first token. */
const journeyEntries = (
  { outer, hops }: Journey,
  number: number,
  startNs: bigint,
  spans: readonly SpanNode[],
) => {
  const built = hops.map(({ lines, service }) => buildEntries(lines, { attempt: number, service, startNs }));
  const outermost = new Set((built[0] ?? []).map(({ entry }) => entry));
  return markFirstToken(inTimeOrder(built.flat()), outermost, spans, usageFirstToken(outer.lines, startNs));
};

const buildAttempt = (
  journey: Journey,
  number: number,
  collected: Collected,
  searched: readonly Searched[],
): BuiltAttempt => {
  const said: HopNotes[] = journey.hops.map((hop) => ({ hop, attempt: attemptOf(hop, number) }));
  const outermost = attemptOf(journey.outer, number);
  const tree = buildSpanTree(journey, number, isOver);
  const marked = journeyEntries(journey, number, outermost.startNs, tree.spans);
  const attempt: Attempt = {
    ...outermost,
    services: servicesOf(journey),
    lastNs: latest(said.map(({ attempt: { lastNs } }) => lastNs)),
    firstTokenNs: marked.firstTokenNs,
  };
  return {
    attempt,
    spans: tree.spans,
    entries: marked.entries,
    notes: [...attemptNotes(attempt, said, collected, searched), ...treeNotes(tree)],
  };
};

interface Search {
  readonly collected: Collected;
  readonly searched: Searched[];
}

/** Reads a file to its end. Tells whether it is there, and whether it says anything new of the request. */
const readFor = async (path: string, onLine: (raw: RawLine) => unknown) => {
  let heard = false;
  const found = await readNdjson(path, (raw) => {
    if (onLine(raw) !== null) heard = true;
  });
  return { path, found, heard };
};

const readMirrors = async (query: TimelineQuery, collector: Collector): Promise<Searched[]> => {
  const searched: Searched[] = [];
  for (const [log, path] of (await distinctPaths(query.protoLog)).entries()) {
    const mirror = collector.mirror(log);
    const share = refusedPathOf(path);
    const refused = share === path ? null : await readFor(share, mirror.refused);
    // Most folders have none, which is nothing to be told of.
    if (refused?.found) searched.push({ source: 'proto', ...refused });
    const main = await readFor(path, mirror.proto);
    searched.push({ source: 'proto', ...main, heard: main.heard || (refused?.heard ?? false) });
  }
  return searched;
};

const search = async (query: TimelineQuery): Promise<Search> => {
  const collector = createCollector(query.reqId);
  const searched = await readMirrors(query, collector);
  for (const [log, path] of (await distinctPaths(query.usageLog)).entries())
    searched.push({ source: 'usage', ...(await readFor(path, (raw) => collector.usage(raw, log))) });
  for (const path of await distinctPaths(query.accessLog))
    searched.push({ source: 'access', ...(await readFor(path, collector.access)) });
  return { collected: collector.collected, searched };
};

const group = (reqId: string, collected: Collected): { journeys: Journey[]; orphans: number } => {
  const { lines, orphans } = withDescendants(reqId, collected);
  const attempts = groupMirrorLines(lines, collected.logOf);
  for (const record of collected.usage) addUsageRecord(attempts, record);
  for (const line of collected.access) addAccess(attempts, line);
  return { journeys: groupJourneys(reqId, attempts, collected.logOf), orphans };
};

/**
 * Reads a request back from the files that its gateways wrote, rotated ones included. The memory that it takes
 * grows with the request, not with the files.
 *
 * @throws LogFileError for a file that is there and cannot be read
 */
export const readTimeline = async (query: TimelineQuery): Promise<Timeline> => {
  const { collected, searched } = await search(query);
  const { journeys, orphans } = group(query.reqId, collected);
  const built = journeys.map((journey, index) => buildAttempt(journey, index + 1, collected, searched));
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
