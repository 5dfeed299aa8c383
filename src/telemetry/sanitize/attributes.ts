import type { ValueRules } from './entries.ts';
import { type HeaderSource, headerEntries, isShownHeader } from './headers.ts';
import type { JsonRules } from './json.ts';
import { REDACTED } from './rule.ts';

const HEADER_START = 'http.re';
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
  let copy: unknown[] | undefined;
  for (let index = 0; index < value.length; index++) {
    const item: unknown = value[index];
    const shown = typeof item === 'string' ? clean(item) : item;
    if (shown !== item) copy ??= [...value];
    if (copy) copy[index] = shown;
  }
  return copy ?? value;
};

export const createAttributeRules = (
  { sensitivityOf, cleanText }: ValueRules,
  json: JsonRules,
): AttributeRules => {
  // A name that the user calls sensitive is so in the allowlist, too; those of ours there are no secrets.
  const isHidden = (header: string): boolean =>
    !isShownHeader(header) || sensitivityOf(header) === 'password';

  const isSecretAttribute = (key: string): boolean => {
    const header = key.startsWith(HEADER_START) ? HEADER.exec(key)?.[1] : undefined;
    return header === undefined ? sensitivityOf(key) !== undefined : isHidden(header.toLowerCase());
  };

  const hide = (text: string): string => (text === '' ? text : REDACTED);
  // The query stands alone in this attribute; its first key is known as one only behind a question mark.
  const cleanQuery = (text: string): string => cleanText(`?${text}`).slice(1);

  const cleanerOf = (key: string): ((text: string) => string) => {
    if (isSecretAttribute(key)) return hide;
    return key === 'url.query' ? cleanQuery : json.text;
  };

  return {
    isSecretAttribute,
    attributes(attributes) {
      const changes: [string, unknown][] = [];
      for (const key of Object.keys(attributes)) {
        const value = attributes[key as keyof typeof attributes] as unknown;
        if (typeof value !== 'string' && typeof value !== 'object') continue;
        const clean = cleanValue(value, cleanerOf(key));
        if (clean !== value) changes.push([key, clean]);
      }
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
