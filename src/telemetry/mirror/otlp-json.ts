import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { OtlpSpan } from './line.ts';

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

/** The SDK's own OTLP/JSON of what a span belongs to: its resource and its scope. */
export const spanOrigin = (
  span: ReadableSpan,
): { readonly resource: unknown; readonly scope: unknown } | undefined => {
  const { name, kind, status, startTime, endTime, resource, instrumentationScope } = span;
  const bare = {
    ...{ name, kind, status, startTime, endTime, resource, instrumentationScope },
    spanContext: () => span.spanContext(),
    ...{ attributes: {}, events: [], links: [], duration: startTime, ended: true },
    ...{ droppedAttributesCount: 0, droppedEventsCount: 0, droppedLinksCount: 0 },
  };
  const bytes = JsonTraceSerializer.serializeRequest([bare]);
  return bytes && spansOfExport(JSON.parse(new TextDecoder().decode(bytes)) as ExportRequest<OtlpSpan>)[0];
};
