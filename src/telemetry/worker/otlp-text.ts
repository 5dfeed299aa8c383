import type { Attributes, SpanContext } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { OtlpAnyValue } from '../mirror/line.ts';
import { timeOf } from './time.ts';

/**
 * OTLP/JSON of one span, field by field as the SDK's exporter writes it. The SDK's own serializer takes a whole export and gives bytes;
 * a test compares the two.
 */

const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

const flagsOf = (flags: number, isRemote: boolean | undefined): number =>
  (flags & 0xff) | HAS_IS_REMOTE | (isRemote ? IS_REMOTE : 0);

const toAnyValue = (value: unknown): OtlpAnyValue => {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'number')
    return Number.isInteger(value) ? { intValue: value } : { doubleValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (value instanceof Uint8Array) return { bytesValue: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(toAnyValue) } };
  if (typeof value !== 'object' || value === null) return {};
  return { kvlistValue: { values: toKeyValues(value as Attributes) } };
};

const toKeyValues = (attributes: object) =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: toAnyValue(value) }));

type TimedEvent = ReadableSpan['events'][number];

/** An event of a span. */
export const otlpEvent = ({ name, time, attributes, droppedAttributesCount }: TimedEvent) => ({
  attributes: attributes ? toKeyValues(attributes) : [],
  name,
  timeUnixNano: timeOf(time),
  droppedAttributesCount: droppedAttributesCount || 0,
});

const linkOf = ({ context, attributes, droppedAttributesCount }: ReadableSpan['links'][number]) => ({
  attributes: attributes ? toKeyValues(attributes) : [],
  spanId: context.spanId,
  traceId: context.traceId,
  traceState: context.traceState?.serialize(),
  droppedAttributesCount: droppedAttributesCount || 0,
  flags: flagsOf(context.traceFlags, context.isRemote),
});

/** A span without its events. */
export const otlpSpan = (span: ReadableSpan): object => {
  const context: SpanContext = span.spanContext();
  return {
    traceId: context.traceId,
    spanId: context.spanId,
    parentSpanId: span.parentSpanContext?.spanId || undefined,
    traceState: context.traceState?.serialize(),
    name: span.name,
    kind: span.kind + 1,
    startTimeUnixNano: timeOf(span.startTime),
    endTimeUnixNano: timeOf(span.endTime),
    attributes: toKeyValues(span.attributes),
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    status: { code: span.status.code, message: span.status.message },
    links: span.links.map(linkOf),
    droppedLinksCount: span.droppedLinksCount,
    flags: flagsOf(context.traceFlags, span.parentSpanContext?.isRemote),
  };
};
