import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import { fromHrTime } from '../clock.ts';
import { spanOrigin } from '../mirror/otlp-json.ts';
import type { MirrorWriter } from '../mirror/writer.ts';
import type { Phase } from '../phases.ts';
import { EndedSpan } from './ended-span.ts';
import { otlpSpan } from './otlp-text.ts';

/** The mirror, and the share of it for what anybody can cause without a key: a flood of that leaves all other traces where they are. */
export interface MirrorShares {
  readonly main: MirrorWriter;
  readonly refused: MirrorWriter;
}

const SPAN_KINDS = ['INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'] as const;

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** What every line of a span says about the request, read from the span's own attributes. */
const requestOf = (span: ReadableSpan) => ({
  req_id: text(span.attributes['req_id']),
  trace_id: span.spanContext().traceId,
  span_id: span.spanContext().spanId,
  phase: text(span.attributes['phase']) as Phase | null,
});

/** The JSON of resource and scope, made once for each pair of them. */
const createOrigins = () => {
  const known = new Map<string, string>();
  return (span: ReadableSpan): string => {
    const { name, version = '', schemaUrl = '' } = span.instrumentationScope;
    const key = `${name}@${version}:${schemaUrl}`;
    const origin = known.get(key);
    if (origin !== undefined) return origin;
    const { resource, scope } = spanOrigin(span) ?? {};
    const made = `"resource":${JSON.stringify(resource ?? null)},"scope":${JSON.stringify(scope ?? null)}}`;
    // An asynchronous attribute of the resource is still to come.
    if (!span.resource.asyncAttributesPending) known.set(key, made);
    return made;
  };
};

/** The mirror as a span processor: it writes the line of each span that ends. */
export const createMirrorSpans = ({ main, refused }: MirrorShares): SpanProcessor => {
  const originText = createOrigins();
  return {
    onStart: () => undefined,
    onEnd(span) {
      const head = {
        ...requestOf(span),
        parent_span_id: span.parentSpanContext?.spanId ?? null,
        name: span.name,
        span_kind: SPAN_KINDS[span.kind] ?? 'INTERNAL',
        service: text(span.resource.attributes['service.name']) ?? 'unknown_service',
        otlp: otlpSpan(span),
        events_kept: span instanceof EndedSpan ? span.eventsKept : span.events.length,
      };
      const share = span instanceof EndedSpan && span.isApart ? refused : main;
      const members = JSON.stringify(head).slice(1, -1);
      share.spanText(`,${members},${originText(span)}`, fromHrTime(span.endTime));
    },
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
};
