import { isSensitiveKey, isWorkingDirectory } from './keys.ts';

/** The name that a value pairs with, as OTLP, HAR and MCP have pairs: `{name: 'authorization', value: …}`. */
const isSecretPair = (sibling: (key: string) => unknown): boolean =>
  ['name', 'key'].some((key) => {
    const name = sibling(key);
    return typeof name === 'string' && isSensitiveKey(name);
  });

/** Whether an entry of an object is secret by its name. Log probabilities have a `token` each, which is a word. */
export const isSecretEntry = (key: string, value: unknown, sibling: (key: string) => unknown): boolean => {
  if (key === 'value') return isSecretPair(sibling);
  if (!isSensitiveKey(key)) return false;
  if (key === 'token' && sibling('logprob') !== undefined) return false;
  return !(typeof value === 'string' && isWorkingDirectory(key, value));
};

/** What hides nothing: that a password is empty or was not given helps whoever reads the trace. */
export const isNothing = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || typeof value === 'boolean';

const SCHEMA_KEYS = ['type', '$ref', 'anyOf', 'oneOf', 'enum', 'description'];
const SCHEMA_VALUES = new Set(['const', 'default', 'enum', 'example', 'examples']);

/** Not a name that any object has: marks the inside of the schema of a sensitive parameter. */
export const SECRET_SCHEMA = '\0schema';

/** A JSON schema that describes a parameter named `password` is no password; a default in it may be one. */
export const isSchema = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && SCHEMA_KEYS.some((key) => Object.hasOwn(value, key));

export const isSchemaValue = (key: string): boolean => SCHEMA_VALUES.has(key);
