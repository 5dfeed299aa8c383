import { type HeaderSource, headerEntries, isShownHeader } from './headers.ts';
import type { JsonRules, ValueRules } from './json.ts';
import { REDACTED } from './rule.ts';

const HEADER = /^http\.(?:request|response)\.header\.(.+)$/;

/** Cleans what OpenTelemetry calls attributes, and headers. */
export interface AttributeRules {
  /** Whether a value under this key is redacted whole. */
  readonly isSecretAttribute: (key: string) => boolean;
  /**
   * OpenTelemetry attributes by key and by value: strings and lists of strings are cleaned, numbers and booleans stay.
   * A value with nothing to redact is the same value (the same array, too), and the same object comes back when all are.
   */
  readonly attributes: <Attributes extends object>(attributes: Attributes) => Attributes;
  /** Headers by allowlist, names in lower case: the others show that they were there, and nothing of their values. */
  readonly headers: (headers: HeaderSource) => Record<string, string | string[]>;
}

const cleanValue = (value: unknown, clean: (text: string) => string): unknown => {
  if (typeof value === 'string') return clean(value);
  if (!Array.isArray(value)) return value;
  const copy = value.map((item: unknown) => (typeof item === 'string' ? clean(item) : item));
  return copy.some((item, index) => item !== value[index]) ? copy : value;
};

export const createAttributeRules = (
  { sensitivityOf, cleanText }: ValueRules,
  json: JsonRules,
): AttributeRules => {
  // A name that the user calls sensitive is so in the allowlist, too; those of ours there are no secrets.
  const isHidden = (header: string): boolean =>
    !isShownHeader(header) || sensitivityOf(header) === 'password';

  const isSecretAttribute = (key: string): boolean => {
    const header = HEADER.exec(key)?.[1];
    return header === undefined ? sensitivityOf(key) !== undefined : isHidden(header.toLowerCase());
  };

  const cleanerOf = (key: string): ((text: string) => string) => {
    if (isSecretAttribute(key)) return (text) => (text === '' ? text : REDACTED);
    // The query stands alone in this attribute; its first key is known as one only behind a question mark.
    if (key === 'url.query') return (text) => cleanText(`?${text}`).slice(1);
    return json.text;
  };

  return {
    isSecretAttribute,
    attributes(attributes) {
      const changes = Object.entries(attributes).flatMap(([key, value]) => {
        const clean = cleanValue(value, cleanerOf(key));
        return clean === value ? [] : [[key, clean] as const];
      });
      return changes.length === 0 ? attributes : { ...attributes, ...Object.fromEntries(changes) };
    },
    headers(headers) {
      const clean = new Map<string, string | string[]>();
      for (const [key, value] of headerEntries(headers)) {
        if (value === undefined) continue;
        const name = cleanText(key.toLowerCase());
        const show = isHidden(name) ? () => REDACTED : (part: unknown) => cleanText(String(part));
        clean.set(name, Array.isArray(value) ? value.map(show) : show(value));
      }
      return Object.fromEntries(clean);
    },
  };
};
