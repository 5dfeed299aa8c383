import type { CapturePolicy } from '../policy/index.ts';
import { REDACTED, type Sanitizer } from '../sanitize.ts';
import type { OtlpAnyValue, OtlpKeyValue } from './line.ts';
import type { OtlpSpanRecord } from './otlp-json.ts';

type Values = Readonly<Record<string, unknown>>;

/** What may leave of a value that is clean; the same value where all of it may. */
const showValue = (policy: CapturePolicy, key: string, value: OtlpAnyValue, others: Values): OtlpAnyValue => {
  if (value.stringValue !== undefined) return { stringValue: policy.text(key, value.stringValue, others) };
  if (value.arrayValue) {
    const values = value.arrayValue.values ?? [];
    return { arrayValue: { values: values.map((item) => showValue(policy, key, item, others)) } };
  }
  if (!value.kvlistValue) return value;
  return { kvlistValue: { values: showPairs(policy, value.kvlistValue.values ?? []) } };
};

const showPairs = (policy: CapturePolicy, pairs: readonly OtlpKeyValue[]): OtlpKeyValue[] => {
  const others = textsOf(pairs);
  return pairs.map(({ key, value }) => ({
    key: policy.key(key),
    value: showValue(policy, key, value, others),
  }));
};

const textsOf = (pairs: readonly OtlpKeyValue[]): Values =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, value.stringValue ?? value.intValue]));

/** A span, an event, a link, a resource or a scope: what they have of these means the same on each. */
interface Holder {
  attributes?: OtlpKeyValue[];
  name?: string;
  version?: string;
  traceState?: string;
}

const TEXTS = ['name', 'version', 'traceState'] as const;

/** What the sanitizer leaves of the parts of a span. */
const createCleanHolder = ({ sanitizeAttributes, sanitizeText, isSecretAttribute }: Sanitizer) => {
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

  return <H extends Holder>(holder: H): H => {
    const clean = { ...holder };
    if (clean.attributes) clean.attributes = clean.attributes.map(cleanPair);
    for (const key of TEXTS) if (clean[key]) clean[key] = sanitizeText(clean[key]);
    return clean;
  };
};

/** The same as it may leave; resources and scopes are the operator's and a program's own, and stay. */
const showHolder =
  (policy: CapturePolicy, showName: CapturePolicy['spanName']) =>
  <H extends Holder>(holder: H): H => {
    if (policy.full) return holder;
    const attributes = showPairs(policy, holder.attributes ?? []);
    return {
      ...holder,
      attributes,
      ...(holder.name !== undefined && { name: showName(holder.name, textsOf(attributes)) }),
    };
  };

/**
 * Passes the spans of another process through the one sanitizer and the capture policy, since its own are not ours to trust. One for each
 * export: what its spans share is cleaned once, and shared again.
 */
export const createOtlpSanitizer = (policy: CapturePolicy): ((record: OtlpSpanRecord) => OtlpSpanRecord) => {
  const cleanHolder = createCleanHolder(policy.sanitizer);
  const shared = new Map<unknown, Holder>();
  const cleanShared = (holder: unknown): Holder => {
    const clean = shared.get(holder) ?? cleanHolder((holder ?? {}) as Holder);
    shared.set(holder, clean);
    return clean;
  };
  const showSpan = showHolder(policy, policy.spanName);
  const showEvent = showHolder(policy, policy.eventName);
  return ({ span, resource, scope }) => ({
    span: {
      ...showSpan(cleanHolder(span)),
      ...(span.events && { events: span.events.map((event) => showEvent(cleanHolder(event))) }),
      ...(Array.isArray(span['links']) && {
        links: (span['links'] as Holder[]).map((link) => showEvent(cleanHolder(link))),
      }),
      ...(span.status?.message && {
        status: { ...span.status, message: policy.words(policy.sanitizer.sanitizeText(span.status.message)) },
      }),
    },
    resource: cleanShared(resource),
    scope: cleanShared(scope),
  });
};
