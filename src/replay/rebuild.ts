import type { EventLine, MirrorLine, OtlpEvent, OtlpSpan, SpanLine } from '../telemetry/mirror/line.ts';

/** An exported span, with the resource and the scope that it was exported under. */
export interface RebuiltSpan {
  readonly span: OtlpSpan;
  readonly resource: unknown;
  readonly scope: unknown;
}

/** Builds the exported event of a line that carries none: `otlpEventOf`. */
export type EventOf = (line: EventLine) => OtlpEvent;

const spanKey = ({ trace_id, span_id }: MirrorLine): string => `${trace_id}:${span_id}`;

/** The SDK drops a span's oldest events when it holds too many, so the newest are the ones that were exported. */
const newest = <Line>(lines: readonly Line[], count: number): readonly Line[] =>
  count === 0 ? [] : lines.slice(-count);

const rebuild = (line: SpanLine, events: readonly EventLine[], eventOf: EventOf): RebuiltSpan => {
  const inOrder = [...events].sort((a, b) => a.seq - b.seq);
  const kept = newest(inOrder, line.events_kept).map((event) => event.otlp ?? eventOf(event));
  return { span: { ...line.otlp, events: kept }, resource: line.resource, scope: line.scope };
};

/**
 * Rebuilds the spans that were exported from the lines of a mirror, in the order in which they ended. The events of
 * a span that never ended stay behind: such a span was never exported.
 */
export const rebuildSpans = (lines: Iterable<MirrorLine>, eventOf: EventOf): RebuiltSpan[] => {
  const waiting = new Map<string, EventLine[]>();
  const spans: RebuiltSpan[] = [];
  for (const line of lines) {
    const key = spanKey(line);
    if (line.type === 'span') {
      spans.push(rebuild(line, waiting.get(key) ?? [], eventOf));
      waiting.delete(key);
    } else if (line.in_span) {
      const events = waiting.get(key) ?? [];
      events.push(line);
      waiting.set(key, events);
    }
  }
  return spans;
};
