import { isShownHeader } from './headers.ts';
import { sanitizeJsonText } from './json.ts';
import { isSensitiveKey } from './keys.ts';
import { REDACTED } from './rule.ts';
import { sanitizeText } from './scanner.ts';

const HEADER = /^http\.(?:request|response)\.header\.(.+)$/;

/** Whether a value under this key is redacted whole. */
export const isSecretAttribute = (key: string): boolean => {
  const header = HEADER.exec(key)?.[1];
  return header === undefined ? isSensitiveKey(key) : !isShownHeader(header.toLowerCase());
};

const cleanerOf = (key: string): ((text: string) => string) => {
  if (isSecretAttribute(key)) return (text) => (text === '' ? text : REDACTED);
  // The query stands alone in this attribute; its first key is known as one only behind a question mark.
  if (key === 'url.query') return (text) => sanitizeText(`?${text}`).slice(1);
  return sanitizeJsonText;
};

const cleanValue = (value: unknown, clean: (text: string) => string): unknown => {
  if (typeof value === 'string') return clean(value);
  if (!Array.isArray(value)) return value;
  const copy = value.map((item: unknown) => (typeof item === 'string' ? clean(item) : item));
  return copy.some((item, index) => item !== value[index]) ? copy : value;
};

/**
 * OpenTelemetry attributes by key and by value: strings and lists of strings are cleaned, numbers and booleans stay.
 * A value with nothing to redact is the same value (the same array, too), and the same object comes back when all are.
 */
export const sanitizeAttributes = <Attributes extends object>(attributes: Attributes): Attributes => {
  const changes = Object.entries(attributes).flatMap(([key, value]) => {
    const clean = cleanValue(value, cleanerOf(key));
    return clean === value ? [] : [[key, clean] as const];
  });
  return changes.length === 0 ? attributes : { ...attributes, ...Object.fromEntries(changes) };
};
