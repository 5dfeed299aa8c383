import type { Attributes, AttributeValue, HrTime, SpanContext } from '@opentelemetry/api';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { OtlpAnyValue, OtlpKeyValue } from '../mirror/line.ts';
import type { OtlpSpanRecord } from '../mirror/otlp-json.ts';
import type { ForeignSpan } from '../mirror/otlp-parse.ts';
import { parseTraceState } from './trace-context.ts';

/** Of OTLP's span flags: the parent is in another process. */
const IS_REMOTE = 0x200;
/** Senders that leave the flags out send sampled spans alone. */
const SAMPLED = 0x1;
const SECOND_NS = 1_000_000_000n;

const toHrTime = (unixNano: string): HrTime => {
  const ns = BigInt(unixNano);
  return [Number(ns / SECOND_NS), Number(ns % SECOND_NS)];
};

/** A whole number that JavaScript cannot hold exactly stays the text that it was. */
const toNumber = (value: number | string): number | string =>
  Number.isSafeInteger(Number(value)) ? Number(value) : String(value);

/** The SDK's serializers take maps and mixed lists too, although their type does not say so. */
const toValue = (value: OtlpAnyValue): AttributeValue => {
  if (value.intValue !== undefined) return toNumber(value.intValue);
  if (value.arrayValue) return (value.arrayValue.values ?? []).map(toValue) as AttributeValue;
  if (value.kvlistValue) return toAttributes(value.kvlistValue.values) as unknown as AttributeValue;
  if (value.doubleValue !== undefined) return Number(value.doubleValue);
  return value.stringValue ?? value.boolValue ?? value.bytesValue ?? '';
};

const toAttributes = (pairs: readonly OtlpKeyValue[] = []): Attributes =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, toValue(value)]));

const toState = (text: string | undefined): Pick<SpanContext, 'traceState'> => {
  const traceState = text ? parseTraceState(text) : null;
  return traceState ? { traceState } : {};
};

const toContext = (
  { traceId, traceState, flags }: Pick<ForeignSpan, 'traceId' | 'traceState' | 'flags'>,
  spanId: string,
): SpanContext => ({
  traceId,
  spanId,
  traceFlags: (flags || SAMPLED) & 0xff,
  isRemote: (flags & IS_REMOTE) !== 0,
  ...toState(traceState),
});

const toLinks = (links: ForeignSpan['links']): ReadableSpan['links'] =>
  links.map(({ attributes, droppedAttributesCount, ...link }) => ({
    context: toContext(link, link.spanId),
    attributes: toAttributes(attributes),
    droppedAttributesCount,
  }));

const toReadableSpan = (span: ForeignSpan, resource: Resource, scope: { name: string }): ReadableSpan => ({
  name: span.name,
  // OTLP counts kinds from 1, with 0 for an unknown one; the API from 0.
  kind: Math.max(0, span.kind - 1),
  spanContext: () => toContext(span, span.spanId),
  ...(span.parentSpanId && { parentSpanContext: toContext(span, span.parentSpanId) }),
  startTime: toHrTime(span.startTimeUnixNano),
  endTime: toHrTime(span.endTimeUnixNano),
  duration: toHrTime(String(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano))),
  ended: true,
  status: { code: span.status.code, ...(span.status.message && { message: span.status.message }) },
  attributes: toAttributes(span.attributes),
  events: span.events.map(({ name, timeUnixNano, attributes, droppedAttributesCount }) => ({
    name,
    time: toHrTime(timeUnixNano),
    attributes: toAttributes(attributes),
    droppedAttributesCount,
  })),
  links: toLinks(span.links),
  resource,
  instrumentationScope: scope,
  droppedAttributesCount: span.droppedAttributesCount,
  droppedEventsCount: span.droppedEventsCount,
  droppedLinksCount: span.droppedLinksCount,
});

/** Makes of another process's OTLP/JSON spans what the SDK's exporters take. Spans that share a resource object share one again. */
export const createReadableSpans = (): ((record: OtlpSpanRecord) => ReadableSpan) => {
  const resources = new WeakMap<object, Resource>();
  const resourceOf = (holder: { attributes?: OtlpKeyValue[] }): Resource => {
    const resource = resources.get(holder) ?? resourceFromAttributes(toAttributes(holder.attributes));
    resources.set(holder, resource);
    return resource;
  };
  return ({ span, resource, scope }) => {
    const { name = '', version } = scope as { name?: string; version?: string };
    return toReadableSpan(span as ForeignSpan, resourceOf(resource as object), {
      name,
      ...(version && { version }),
    });
  };
};
