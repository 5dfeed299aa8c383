import type { MirrorLine } from '../telemetry/mirror/line.ts';
import type { UsageRecord } from '../usage/usage-record.ts';
import type { AttemptLines } from './attempts.ts';
import { namedRequest } from './descent.ts';
import { endOf, isRequestSpan, isSpanLine, latest, serviceOf } from './line-facts.ts';

/** The part of a journey at one gateway. */
export interface JourneyHop {
  readonly lines: AttemptLines;
  readonly service: string | null;
  /** The hop of the gateway that called this one; null for the outermost. */
  readonly above: JourneyHop | null;
  /** How many gateways are between it and the client. */
  readonly depth: number;
}

/** One request through one or more gateways. */
export interface Journey {
  readonly outer: JourneyHop;
  /** All hops, the outermost first, then by depth. */
  readonly hops: readonly JourneyHop[];
}

/** The index of the file that a line is from. */
type LogOf = (line: MirrorLine | UsageRecord) => number;

type Above = Map<AttemptLines, AttemptLines>;

const serverOf = ({ own }: AttemptLines) => own.filter(isSpanLine).find(isRequestSpan);

/** Whether the callers of `from` include `to`: a link between them would be a cycle. */
const leadsTo = (above: Above, from: AttemptLines, to: AttemptLines): boolean => {
  for (let at: AttemptLines | undefined = from; at; at = above.get(at)) if (at === to) return true;
  return false;
};

/** Finds the attempt whose span called another one, by span id. */
const callersById = (attempts: readonly AttemptLines[]) => {
  const owners = new Map<string, AttemptLines>();
  for (const attempt of attempts)
    for (const { span_id } of attempt.mirror)
      if (span_id && !owners.has(span_id)) owners.set(span_id, attempt);
  return (attempt: AttemptLines): AttemptLines | undefined =>
    owners.get(serverOf(attempt)?.parent_span_id ?? '');
};

const endsAt = ({ own, usage }: AttemptLines): bigint | null => {
  if (usage) return BigInt(usage.time_ns);
  const ends = own.filter(
    (line) => isSpanLine(line) && (line.phase === 'usage_summary' || isRequestSpan(line)),
  );
  return ends.length > 0 ? latest(ends.map(endOf)) : null;
};

const ranAt = (attempt: AttemptLines, timeNs: bigint): boolean => {
  const endNs = endsAt(attempt);
  return attempt.startNs <= timeNs && (endNs === null || endNs >= timeNs);
};

/** Whether two attempts are from two gateways: their services or their files differ. */
const isElsewhere = (a: AttemptLines, b: AttemptLines, logOf: LogOf): boolean => {
  if (a.log !== null && b.log !== null) return a.log !== b.log || serviceOf(a.own) !== serviceOf(b.own);
  return a.usage !== null && b.usage !== null && logOf(a.usage) !== logOf(b.usage);
};

/** Whether the caller named this request in its tracestate: a gateway does, a client that retries does not. */
const isNamed = (reqId: string, { own }: AttemptLines): boolean =>
  own.some((line) => isSpanLine(line) && namedRequest(line) === reqId);

/**
 * Finds the caller if its span was never written: the latest attempt at another gateway that ran when this one began, in the
 * same trace. If this attempt's spans name no request, a client made the call.
 */
const createNearest =
  (reqId: string, attempts: readonly AttemptLines[], logOf: LogOf) =>
  (attempt: AttemptLines): AttemptLines | undefined => {
    const hasSpans = attempt.own.some(isSpanLine);
    if (hasSpans && !isNamed(reqId, attempt)) return undefined;
    const parent = serverOf(attempt)?.parent_span_id;
    return attempts
      .filter(
        (other) =>
          other !== attempt &&
          other.traceId === attempt.traceId &&
          isElsewhere(other, attempt, logOf) &&
          (parent === undefined || serverOf(other)?.parent_span_id !== parent) &&
          ranAt(other, attempt.startNs),
      )
      .toSorted((a, b) => (a.startNs < b.startNs ? -1 : 1))
      .at(-1);
  };

const linkHops = (reqId: string, attempts: readonly AttemptLines[], logOf: LogOf): Above => {
  const above: Above = new Map();
  for (const callerOf of [callersById(attempts), createNearest(reqId, attempts, logOf)])
    for (const attempt of attempts) {
      const caller = above.has(attempt) ? undefined : callerOf(attempt);
      if (caller && !leadsTo(above, caller, attempt)) above.set(attempt, caller);
    }
  return above;
};

/** The largest depth of a hop. */
const MAX_HOPS_DEEP = 32;

const hopsFrom = (
  outer: AttemptLines,
  below: ReadonlyMap<AttemptLines, readonly AttemptLines[]>,
): Journey => {
  const first: JourneyHop = { lines: outer, service: serviceOf(outer.own), above: null, depth: 0 };
  const hops = [first];
  for (const above of hops)
    for (const lines of below.get(above.lines) ?? [])
      hops.push({
        lines,
        service: serviceOf(lines.own),
        above,
        depth: Math.min(above.depth + 1, MAX_HOPS_DEEP),
      });
  return { outer: first, hops };
};

/**
 * Groups the attempts of several gateways into journeys: the SERVER span of one gateway descends from a span of another. A
 * request that a client sent twice stays two journeys.
 */
export const groupJourneys = (reqId: string, attempts: readonly AttemptLines[], logOf: LogOf): Journey[] => {
  const inOrder = attempts.toSorted((a, b) => (a.startNs < b.startNs ? -1 : 1));
  const above = linkHops(reqId, inOrder, logOf);
  const below = Map.groupBy(above.keys(), (attempt) => above.get(attempt) ?? attempt);
  return inOrder.filter((attempt) => !above.has(attempt)).map((outer) => hopsFrom(outer, below));
};

/** The services of a journey's gateways, by depth. */
export const servicesOf = ({ hops }: Journey): string[][] => {
  const named = Map.groupBy(hops, ({ depth }) => depth);
  return [...named.values()].map((level) => [...new Set(level.map(({ service }) => service ?? 'unknown'))]);
};
