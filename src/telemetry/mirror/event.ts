import type { Attributes } from '@opentelemetry/api';
import type { EventLine, OtlpEvent, OtlpKeyValue } from './line.ts';

type Described = Pick<
  EventLine,
  'kind' | 'phase' | 'direction' | 'req_id' | 'status_code' | 'payload' | 'truncated'
>;

const asText = (payload: unknown): string =>
  typeof payload === 'string' ? payload : JSON.stringify(payload);

/** The attributes that an event has on its span. They follow from the mirror line alone, so the line rebuilds them. */
export const eventAttributes = (line: Described): Attributes => {
  const attributes: Attributes = {};
  if (line.phase) attributes['phase'] = line.phase;
  if (line.kind) attributes['kind'] = line.kind;
  if (line.direction) attributes['direction'] = line.direction;
  if (line.req_id) attributes['req_id'] = line.req_id;
  if (line.status_code !== undefined) attributes['http.response.status_code'] = line.status_code;
  if (line.payload !== undefined) attributes['throughline.payload'] = asText(line.payload);
  if (line.truncated) {
    attributes['throughline.payload.bytes'] = line.truncated.bytes;
    attributes['throughline.payload.sha256'] = line.truncated.sha256;
  }
  return attributes;
};

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
