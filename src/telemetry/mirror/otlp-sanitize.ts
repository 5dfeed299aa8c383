import { sanitizeAttributes, sanitizeText } from '../sanitize.ts';
import type { OtlpKeyValue } from './line.ts';
import type { OtlpSpanRecord } from './otlp-json.ts';

const cleanPair = (pair: OtlpKeyValue): OtlpKeyValue => {
  const { stringValue } = pair.value;
  if (stringValue === undefined) return pair;
  const clean = sanitizeAttributes({ [pair.key]: stringValue })[pair.key];
  return clean === stringValue ? pair : { key: pair.key, value: { stringValue: String(clean) } };
};

const cleanHolder = <Holder extends { attributes?: OtlpKeyValue[] }>(holder: Holder): Holder =>
  holder.attributes ? { ...holder, attributes: holder.attributes.map(cleanPair) } : holder;

/** Passes the spans of another process through the one sanitizer, since its own is not ours to trust. */
export const sanitizeOtlp = ({ span, resource, scope }: OtlpSpanRecord): OtlpSpanRecord => ({
  span: {
    ...cleanHolder(span),
    name: sanitizeText(span.name),
    ...(span.events && { events: span.events.map(cleanHolder) }),
    ...(span.status?.message && { status: { ...span.status, message: sanitizeText(span.status.message) } }),
  },
  resource: cleanHolder((resource ?? {}) as { attributes?: OtlpKeyValue[] }),
  scope,
});
