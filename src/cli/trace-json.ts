import type { Attempt, Entry, SpanNode, Timeline } from '../timeline/timeline.ts';

const milliseconds = (ns: bigint): number => Number(ns) / 1e6;

const since = (ns: bigint | null, startNs: bigint): number | null =>
  ns === null ? null : milliseconds(ns - startNs);

const attemptJson = (attempt: Attempt) => ({
  attempt: attempt.number,
  trace_id: attempt.traceId,
  services: attempt.services.flat(),
  start_time_ns: String(attempt.startNs),
  ended: attempt.ended,
  route: attempt.route,
  method: attempt.method,
  mode: attempt.mode,
  status_code: attempt.statusCode,
  outcome: attempt.outcome,
  error_code: attempt.errorCode,
  duration_ms: attempt.durationMs,
  first_token_ms: since(attempt.firstTokenNs, attempt.startNs),
  model: attempt.model,
  usage_source: attempt.tokenSource,
  usage: attempt.tokens,
});

/** A span as JSON. Its own fields come before its children, so that a reader meets them first. */
const spanJson = (node: SpanNode): Record<string, unknown> => ({
  attempt: node.attempt,
  span_id: node.spanId,
  parent_span_id: node.parentSpanId,
  name: node.name,
  span_kind: node.kind,
  service: node.service,
  phase: node.phase,
  open: node.endNs === null && !node.isLost,
  written: !node.isLost,
  start_time_ns: String(node.startNs),
  duration_ms: node.endNs === null ? null : milliseconds(node.endNs - node.startNs),
  error: node.error,
  attributes: node.attributes,
  children: node.children.map(spanJson),
});

/** An entry as JSON; with `--follow` it is a line by itself. */
export const entryJson = (entry: Entry) => ({
  attempt: entry.attempt,
  service: entry.service,
  source: entry.source,
  phase: entry.phase,
  kind: entry.kind,
  name: entry.name,
  time_ns: String(entry.timeNs),
  since_start_ms: milliseconds(entry.sinceStartNs),
  failed: entry.failed,
  first_token: entry.firstToken,
  payload: entry.payload ?? null,
  line: entry.line,
});

/** A whole timeline as one JSON document. Times in nanoseconds are decimal strings: they do not fit a JSON number. */
export const timelineJson = (timeline: Timeline) => ({
  req_id: timeline.reqId,
  attempts: timeline.attempts.map(attemptJson),
  spans: timeline.spans.map(spanJson),
  entries: timeline.entries.map(entryJson),
  notes: timeline.notes,
});
