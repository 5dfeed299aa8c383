import type { Attributes } from '@opentelemetry/api';
import type { EventLine, OtlpEvent, OtlpKeyValue, Truncated } from './line.ts';

type Described = Pick<
  EventLine,
  'kind' | 'phase' | 'direction' | 'req_id' | 'status_code' | 'payload' | 'truncated'
>;

const asText = (payload: unknown): string =>
  typeof payload === 'string' ? payload : JSON.stringify(payload);

/** What events of one kind and place have in common. */
export const placeAttributes = (
  line: Omit<Described, 'status_code' | 'payload' | 'truncated'>,
): Attributes => {
  const attributes: Attributes = {};
  if (line.phase) attributes['phase'] = line.phase;
  if (line.kind) attributes['kind'] = line.kind;
  if (line.direction) attributes['direction'] = line.direction;
  if (line.req_id) attributes['req_id'] = line.req_id;
  return attributes;
};

/** Adds what is the event's own: the text of its payload. */
export const addOwnAttributes = (
  attributes: Attributes,
  statusCode: number | undefined,
  payload: string | undefined,
  truncated: Truncated | undefined,
): Attributes => {
  if (statusCode !== undefined) attributes['http.response.status_code'] = statusCode;
  if (payload !== undefined) attributes['throughline.payload'] = payload;
  if (truncated) {
    attributes['throughline.payload.bytes'] = truncated.bytes;
    attributes['throughline.payload.sha256'] = truncated.sha256;
  }
  return attributes;
};

/** The attributes that an event has on its span. They follow from the mirror line alone, so the line rebuilds them. */
const eventAttributes = (line: Described): Attributes =>
  addOwnAttributes(
    placeAttributes(line),
    line.status_code,
    line.payload === undefined ? undefined : asText(line.payload),
    line.truncated,
  );

const toKeyValue = ([key, value]: [string, unknown]): OtlpKeyValue =>
  typeof value === 'number'
    ? { key, value: { intValue: value } }
    : { key, value: { stringValue: String(value) } };

/** The OTLP/JSON event that the SDK exports for a line whose event stands on its span. */
export const otlpEventOf = (line: EventLine): OtlpEvent =>
  line.otlp ?? {
    attributes: Object.entries(eventAttributes(line)).map(toKeyValue),
    name: line.kind ?? line.name ?? '',
    timeUnixNano: line.time_ns,
    droppedAttributesCount: 0,
  };
