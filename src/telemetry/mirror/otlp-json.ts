import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { OtlpEvent, OtlpSpan } from './line.ts';

/** One exported span with what it belongs to, as OTLP/JSON has them. */
export interface OtlpSpanRecord<Span = OtlpSpan> {
  readonly span: Span;
  readonly resource: unknown;
  readonly scope: unknown;
}

interface ExportRequest<Span> {
  readonly resourceSpans?: readonly {
    readonly resource?: unknown;
    readonly scopeSpans?: readonly { readonly scope?: unknown; readonly spans?: readonly Span[] }[];
  }[];
}

/** Takes an OTLP/JSON trace export apart, a record a span. */
export const spansOfExport = <Span>(request: ExportRequest<Span>): OtlpSpanRecord<Span>[] =>
  (request.resourceSpans ?? []).flatMap(({ resource, scopeSpans }) =>
    (scopeSpans ?? []).flatMap(({ scope, spans }) =>
      (spans ?? []).map((span) => ({ span, resource, scope })),
    ),
  );

/** The SDK's own OTLP/JSON of one span; `events` replaces the span's own where given. */
export const toOtlp = (span: ReadableSpan, events = span.events): OtlpSpanRecord | undefined => {
  const view = Object.create(span, { events: { value: events } }) as ReadableSpan;
  const bytes = JsonTraceSerializer.serializeRequest([view]);
  return bytes && spansOfExport(JSON.parse(new TextDecoder().decode(bytes)) as ExportRequest<OtlpSpan>)[0];
};

/** The OTLP/JSON of the event that the span took last. */
export const lastEventOf = (span: ReadableSpan): OtlpEvent | undefined =>
  toOtlp(span, span.events.slice(-1))?.span.events?.[0];
