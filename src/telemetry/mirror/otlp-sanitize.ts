import { sanitizeAttributes, sanitizeText } from '../sanitize.ts';
import type { OtlpAnyValue, OtlpKeyValue } from './line.ts';
import type { OtlpSpanRecord } from './otlp-json.ts';

/** What stands under a key is judged by key and value, in lists and maps too. */
const cleanValue = (key: string, value: OtlpAnyValue): OtlpAnyValue => {
  if (value.stringValue !== undefined) {
    const clean = sanitizeAttributes({ [key]: value.stringValue })[key];
    return { stringValue: String(clean) };
  }
  if (value.arrayValue) {
    return { arrayValue: { values: (value.arrayValue.values ?? []).map((item) => cleanValue(key, item)) } };
  }
  return value.kvlistValue
    ? { kvlistValue: { values: (value.kvlistValue.values ?? []).map(cleanPair) } }
    : value;
};

const cleanPair = ({ key, value }: OtlpKeyValue): OtlpKeyValue => ({ key, value: cleanValue(key, value) });

interface Holder {
  attributes?: OtlpKeyValue[];
}

const cleanHolder = <H extends Holder>(holder: H): H =>
  holder.attributes ? { ...holder, attributes: holder.attributes.map(cleanPair) } : holder;

/**
 * Passes the spans of another process through the one sanitizer, since its own is not ours to trust. One for each export: what its spans
 * share is cleaned once, and shared again.
 */
export const createOtlpSanitizer = (): ((record: OtlpSpanRecord) => OtlpSpanRecord) => {
  const shared = new Map<unknown, Holder>();
  const cleanShared = (holder: unknown): Holder => {
    const clean = shared.get(holder) ?? cleanHolder((holder ?? {}) as Holder);
    shared.set(holder, clean);
    return clean;
  };
  return ({ span, resource, scope }) => ({
    span: {
      ...cleanHolder(span),
      name: sanitizeText(span.name),
      ...(span.events && { events: span.events.map(cleanHolder) }),
      ...(Array.isArray(span['links']) && { links: (span['links'] as Holder[]).map(cleanHolder) }),
      ...(span.status?.message && { status: { ...span.status, message: sanitizeText(span.status.message) } }),
    },
    resource: cleanShared(resource),
    scope: cleanShared(scope),
  });
};
