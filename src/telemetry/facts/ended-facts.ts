import type { Attributes, Link, SpanContext } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { ContextFacts, EndedFacts, LinkFacts } from './ops.ts';

const contextFacts = ({ traceId, spanId, traceFlags, isRemote, traceState }: SpanContext): ContextFacts => [
  traceId,
  spanId,
  traceFlags,
  isRemote === true,
  traceState?.serialize() ?? null,
];

const linkFacts = ({ context, attributes, droppedAttributesCount }: Link): LinkFacts => [
  contextFacts(context),
  (attributes as Attributes | undefined) ?? null,
  droppedAttributesCount ?? 0,
];

/** What is handed over of a span that has ended. Its getters and methods would not survive the way. */
export const endedFactsOf = (span: ReadableSpan, isApart: boolean, eventsLost: number): EndedFacts => [
  span.name,
  span.kind,
  contextFacts(span.spanContext()),
  span.parentSpanContext ? contextFacts(span.parentSpanContext) : null,
  span.startTime,
  span.endTime,
  span.duration,
  span.status.code,
  span.status.message ?? null,
  span.attributes,
  span.droppedAttributesCount,
  span.links.map(linkFacts),
  span.droppedLinksCount,
  span.instrumentationScope.name,
  span.instrumentationScope.version ?? null,
  span.instrumentationScope.schemaUrl ?? null,
  isApart,
  eventsLost,
];
