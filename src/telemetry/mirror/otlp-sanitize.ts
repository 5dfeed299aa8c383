import { isSecretAttribute, REDACTED, sanitizeAttributes, sanitizeText } from '../sanitize.ts';
import type { OtlpAnyValue, OtlpKeyValue } from './line.ts';
import type { OtlpSpanRecord } from './otlp-json.ts';

/**
 * What stands under a key is judged by key and value, in lists and maps too. Of bytes only the size is told, since nothing says what they
 * hold.
 */
const cleanValue = (key: string, value: OtlpAnyValue): OtlpAnyValue => {
  if (value.stringValue !== undefined) {
    const clean = sanitizeAttributes({ [key]: value.stringValue })[key];
    return { stringValue: String(clean) };
  }
  if (value.arrayValue) {
    return { arrayValue: { values: (value.arrayValue.values ?? []).map((item) => cleanValue(key, item)) } };
  }
  if (value.kvlistValue) {
    if (isSecretAttribute(key)) return { stringValue: REDACTED };
    return { kvlistValue: { values: (value.kvlistValue.values ?? []).map(cleanPair) } };
  }
  if (value.bytesValue === undefined) return value;
  return { stringValue: `[${Buffer.byteLength(value.bytesValue, 'base64')} bytes]` };
};

const cleanPair = ({ key, value }: OtlpKeyValue): OtlpKeyValue => ({
  key: sanitizeText(key),
  value: cleanValue(key, value),
});

/** A span, an event, a link, a resource or a scope: what they have of these means the same on each. */
interface Holder {
  attributes?: OtlpKeyValue[];
  name?: string;
  version?: string;
  traceState?: string;
}

const TEXTS = ['name', 'version', 'traceState'] as const;

const cleanHolder = <H extends Holder>(holder: H): H => {
  const clean = { ...holder };
  if (clean.attributes) clean.attributes = clean.attributes.map(cleanPair);
  for (const key of TEXTS) if (clean[key]) clean[key] = sanitizeText(clean[key]);
  return clean;
};

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
      ...(span.events && { events: span.events.map(cleanHolder) }),
      ...(Array.isArray(span['links']) && { links: (span['links'] as Holder[]).map(cleanHolder) }),
      ...(span.status?.message && { status: { ...span.status, message: sanitizeText(span.status.message) } }),
    },
    resource: cleanShared(resource),
    scope: cleanShared(scope),
  });
};
