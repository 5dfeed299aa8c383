import type { EventLine } from '../telemetry/mirror/line.ts';
import type { Outcome } from '../telemetry/phases.ts';
import type { UsageRecord } from '../usage/usage-record.ts';
import { type AttemptLines, accessTime } from './attempts.ts';
import { isEventLine, payloadField, plainAttributes } from './line-facts.ts';
import type { AccessLine, Entry } from './model.ts';

/** An entry with what decides its place among others. */
export interface SortableEntry {
  readonly entry: Entry;
  /** An access line knows its millisecond alone, and is written last: it stands at the millisecond's end. */
  readonly orderNs: bigint;
  readonly seq: number;
}

/** What an entry's time is counted from, and whose it is. */
export interface AttemptStart {
  readonly attempt: number;
  readonly service: string | null;
  readonly startNs: bigint;
}

const LAST_IN_MILLISECOND = 999_999n;
const AFTER_THE_MIRROR = Number.MAX_SAFE_INTEGER;
const HTTP_ERROR = 400;

const isFailure = (outcome: Outcome | undefined): boolean =>
  outcome !== undefined && outcome !== 'completed' && outcome !== 'client_disconnect';

const saysError = (payload: unknown): boolean => (payloadField(payload, 'error') ?? null) !== null;

const eventFailed = (line: EventLine): boolean => {
  switch (line.kind) {
    case 'rpc_error':
    case 'backend_exit':
    case 'trace_error':
      return true;
    case 'client_json':
    case 'upstream_response':
      return (line.status_code ?? 0) >= HTTP_ERROR;
    case 'client_sse':
      return saysError(line.payload);
    case 'rpc_notification':
      return payloadField(line.payload, 'method') === 'error';
    case null:
      return line.name === 'exception';
    case 'client_request':
    case 'rpc_request':
    case 'upstream_request':
    case 'rpc_response':
    case 'tool_block':
    case 'upstream_chunk':
    case 'backend_start':
    case 'client_sse_done':
    case 'keepalive':
    case 'usage':
      return false;
  }
};

/** What an event without a payload of ours says: the attributes that its maker gave it. */
const payloadOf = (line: EventLine): unknown =>
  line.payload ?? (line.kind === null ? attributesOf(line) : undefined);

const attributesOf = (line: EventLine): unknown => {
  const pairs = line.otlp?.attributes ?? [];
  return pairs.length > 0 ? plainAttributes(pairs) : undefined;
};

/** An event of the mirror as an entry. */
export const entryOfEvent = (line: EventLine, { attempt, service, startNs }: AttemptStart): SortableEntry => {
  const timeNs = BigInt(line.time_ns);
  const entry: Entry = {
    attempt,
    service,
    source: 'proto',
    phase: line.phase,
    kind: line.kind,
    name: line.kind ?? line.name ?? 'event',
    timeNs,
    sinceStartNs: timeNs - startNs,
    failed: eventFailed(line),
    firstToken: false,
    payload: payloadOf(line),
    line,
  };
  return { entry, orderNs: timeNs, seq: line.seq };
};

/** A usage record as an entry: what it repeats of every other line is left out of its payload. */
export const entryOfUsage = (
  line: UsageRecord,
  { attempt, service, startNs }: AttemptStart,
): SortableEntry => {
  const {
    v: _v,
    ts: _ts,
    time_ns,
    phase: _phase,
    kind: _kind,
    req_id: _req,
    trace_id: _trace,
    span_id: _span,
    ...payload
  } = line;
  const timeNs = BigInt(time_ns);
  const entry: Entry = {
    attempt,
    service,
    source: 'usage',
    phase: 'usage_summary',
    kind: 'usage',
    name: 'usage',
    timeNs,
    sinceStartNs: timeNs - startNs,
    failed: isFailure(line.outcome),
    firstToken: false,
    payload,
    line,
  };
  return { entry, orderNs: timeNs, seq: AFTER_THE_MIRROR };
};

const accessPayload = (line: object): unknown => {
  const {
    level: _l,
    time: _t,
    kind: _k,
    req_id: _r,
    trace_id: _i,
    span_id: _s,
    ...payload
  } = line as Record<string, unknown>;
  return payload;
};

/** An access line as an entry. */
export const entryOfAccess = (
  line: AccessLine,
  { attempt, service, startNs }: AttemptStart,
): SortableEntry => {
  const timeNs = accessTime(line);
  const entry: Entry = {
    attempt,
    service,
    source: 'access',
    phase: null,
    kind: 'access',
    name: 'access',
    timeNs,
    sinceStartNs: timeNs - startNs,
    failed: isFailure(line.outcome),
    firstToken: false,
    payload: accessPayload(line),
    line,
  };
  return { entry, orderNs: timeNs + LAST_IN_MILLISECOND, seq: AFTER_THE_MIRROR };
};

/** Puts entries in order of time, then of their numbers. */
export const inTimeOrder = (entries: readonly SortableEntry[]): Entry[] =>
  entries
    .toSorted((a, b) => (a.orderNs === b.orderNs ? a.seq - b.seq : a.orderNs < b.orderNs ? -1 : 1))
    .map(({ entry }) => entry);

/** What happened in an attempt at a gateway. Spans are no entries: they are the tree. */
export const buildEntries = (attempt: AttemptLines, place: AttemptStart): SortableEntry[] => [
  ...attempt.mirror.filter(isEventLine).map((line) => entryOfEvent(line, place)),
  ...(attempt.usage ? [entryOfUsage(attempt.usage, place)] : []),
  ...(attempt.access ? [entryOfAccess(attempt.access, place)] : []),
];
