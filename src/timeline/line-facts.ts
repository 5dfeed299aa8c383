import type {
  EventLine,
  MirrorLine,
  OtlpAnyValue,
  OtlpKeyValue,
  SpanLine,
} from '../telemetry/mirror/line.ts';
import { ATTR_HTTP_REQUEST_METHOD } from '../telemetry/semconv.ts';

export const isSpanLine = (line: MirrorLine): line is SpanLine => line.type === 'span';

export const isEventLine = (line: MirrorLine): line is EventLine => line.type === 'event';

/** When the line's event happened, or its span began. */
export const startOf = (line: MirrorLine): bigint =>
  BigInt(isSpanLine(line) ? line.otlp.startTimeUnixNano : line.time_ns);

/** When the line's event happened, or its span ended. */
export const endOf = (line: MirrorLine): bigint =>
  BigInt(isSpanLine(line) ? line.otlp.endTimeUnixNano : line.time_ns);

const plainValue = (value: OtlpAnyValue): unknown => {
  if (value.arrayValue) return (value.arrayValue.values ?? []).map(plainValue);
  if (value.kvlistValue) return plainAttributes(value.kvlistValue.values);
  if (value.intValue !== undefined) return Number(value.intValue);
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? value.bytesValue ?? null;
};

/** OTLP attributes as plain JSON. */
export const plainAttributes = (pairs: readonly OtlpKeyValue[] | undefined): Record<string, unknown> =>
  Object.fromEntries((pairs ?? []).map(({ key, value }) => [key, plainValue(value)]));

const hasAttribute = (line: SpanLine, key: string): boolean =>
  line.otlp.attributes?.some((pair) => pair.key === key) ?? false;

/**
 * The gateway's own SERVER span of a request: a backend's SERVER spans know no route. Pages such as `/docs` have a request id alone, and are
 * told by it and by the attributes of HTTP.
 */
export const isRequestSpan = (line: SpanLine): boolean =>
  line.span_kind === 'SERVER' &&
  (hasAttribute(line, 'route') ||
    (hasAttribute(line, 'req_id') && hasAttribute(line, ATTR_HTTP_REQUEST_METHOD)));

/** The service of the gateway that made these lines of its own. */
export const serviceOf = (own: readonly MirrorLine[]): string | null => {
  const spans = own.filter(isSpanLine);
  return (spans.find(({ phase }) => phase !== null) ?? spans.find(isRequestSpan))?.service ?? null;
};

/** A field of a payload that is a JSON object; payloads may be text, or left out. */
export const payloadField = (payload: unknown, key: string): unknown =>
  typeof payload === 'object' && payload !== null ? (payload as Record<string, unknown>)[key] : undefined;

export const earliest = (times: readonly bigint[]): bigint => times.reduce((a, b) => (b < a ? b : a));

export const latest = (times: readonly bigint[]): bigint => times.reduce((a, b) => (b > a ? b : a));
