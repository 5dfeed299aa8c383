import { types } from 'node:util';
import {
  createFacts,
  type FactsOf,
  isNothing,
  isSecretEntry,
  type KeyFacts,
  read,
  UNREADABLE,
  type ValueRules,
} from './entries.ts';
import { CUT, cutRest, isCut, REDACTED } from './rule.ts';

const MAX_DEPTH = 64;
const MAX_NODES = 100_000;

const SCHEMA_KEYS = ['type', '$ref', 'anyOf', 'oneOf', 'enum', 'description'];
const SCHEMA_VALUES = new Set(['const', 'default', 'enum', 'example', 'examples']);

/** Not a name that any object has: marks the inside of the schema of a sensitive parameter. */
const SECRET_SCHEMA = '\0schema';

/** A JSON schema that describes a parameter named `password` is no password; a default in it may be one. */
const isSchema = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && SCHEMA_KEYS.some((key) => Object.hasOwn(value, key));

/** One walk over a value: how much it may still visit, what it is inside of, and whether it changed anything. */
interface Walk extends ValueRules {
  readonly factsOf: FactsOf;
  nodes: number;
  changed: boolean;
  readonly ancestors: object[];
}

const changed = <Value>(walk: Walk, value: Value): Value => {
  walk.changed = true;
  return value;
};

/** Most texts begin with a letter. */
const mayBeContainer = (text: string): boolean => {
  const first = text.charCodeAt(0);
  return first > 0x20 && first < 0x7f ? first === 0x7b || first === 0x5b : /^\s+[{[]/.test(text);
};

const parseContainer = (text: string): unknown => {
  if (!mayBeContainer(text)) return undefined;
  const trimmed = text.trim();
  const closing = { '{': '}', '[': ']' }[trimmed.charAt(0)];
  if (closing === undefined || !trimmed.endsWith(closing)) return undefined;
  try {
    return JSON.parse(trimmed);
  } catch {
    return undefined;
  }
};

/** JSON in a string, such as the `arguments` of a tool call, keeps its own spelling when nothing in it is secret. */
const copyString = (text: string, walk: Walk, depth: number): string => {
  const parsed = parseContainer(text);
  if (parsed !== undefined) {
    const inner: Walk = { ...walk, changed: false };
    const copy = copyValue(parsed, inner, depth + 1, '');
    walk.nodes = inner.nodes;
    // Rules for texts find what no entry by itself shows; a second pass would ask them, too.
    if (inner.changed) return changed(walk, walk.cleanText(JSON.stringify(copy)));
  }
  const clean = walk.cleanText(text);
  return clean === text ? text : changed(walk, clean);
};

const copyValue = (value: unknown, walk: Walk, depth: number, under: string): unknown => {
  if (walk.nodes-- <= 0 || depth > MAX_DEPTH) return changed(walk, CUT);
  switch (typeof value) {
    case 'string':
      return copyString(value, walk, depth);
    case 'number':
      return copyNumber(value, walk);
    case 'bigint':
      return walk.cleanText(String(value));
    case 'function':
    case 'symbol':
      return `[${typeof value}]`;
    case 'object':
      return value === null ? null : copyObject(value, walk, depth, under);
    default:
      return value;
  }
};

const mapEntries = (map: ReadonlyMap<unknown, unknown>): object =>
  Object.fromEntries(
    [...map].map(([key, value]) => [typeof key === 'symbol' ? '[symbol]' : String(key), value]),
  );

/** As pino's own serializer names the parts, so that a log line looks the same. */
const errorParts = (error: Error): object => ({
  ...error,
  type: error.name,
  message: error.message,
  stack: error.stack,
  ...('cause' in error && { cause: error.cause }),
  ...(error instanceof AggregateError && { errors: error.errors }),
});

/** A number that is kept as it was written. TypeScript's library does not know of it yet. */
const { isRawJSON: isRawJson } = JSON as unknown as {
  isRawJSON(value: unknown): value is { readonly rawJSON: string };
};

const isPairs = (value: object): value is Headers | URLSearchParams => {
  const tag: unknown = (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  // The first mention of `Headers` loads the whole of fetch.
  return (
    (tag === 'Headers' && value instanceof Headers) ||
    (tag === 'URLSearchParams' && value instanceof URLSearchParams)
  );
};

/** What an object of a class of its own stands for. */
const ofClass = (value: object): unknown => {
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value))
    return `[binary: ${value.byteLength} bytes]`;
  if (types.isNativeError(value)) return errorParts(value);
  if (types.isMap(value)) return mapEntries(value);
  if (types.isSet(value)) return [...value];
  if (types.isRegExp(value)) return String(value);
  if (isRawJson(value)) return value.rawJSON;
  if (types.isBoxedPrimitive(value)) return value.valueOf();
  return isPairs(value) ? Object.fromEntries(value) : value;
};

/**
 * What JSON would show of an object that is more than its own properties; the same object where it is not.
 * @throws whatever a hostile `toJSON`, getter or proxy throws
 */
const toPlain = (value: object): unknown => {
  if (Array.isArray(value)) return value;
  const plain = Object.getPrototypeOf(value) === Object.prototype ? value : ofClass(value);
  if (plain !== value) return plain;
  const { toJSON } = value as { toJSON?: unknown };
  return typeof toJSON === 'function' ? toJSON.call(value) : value;
};

/** The number of a card may be a number. */
const copyNumber = (value: number, walk: Walk): unknown => {
  if (!Number.isSafeInteger(value) || value < 1e12) return value;
  const text = String(value);
  const clean = walk.cleanText(text);
  return clean === text ? value : changed(walk, clean);
};

const copyObject = (value: object, walk: Walk, depth: number, under: string): unknown => {
  if (walk.ancestors.includes(value)) return '[circular]';
  walk.ancestors.push(value);
  try {
    const plain = toPlain(value);
    if (plain !== value) return copyValue(plain, walk, depth + 1, under);
    return Array.isArray(value)
      ? copyArray(value, walk, depth, under)
      : copyEntries(value, walk, depth, under);
  } catch {
    return UNREADABLE;
  } finally {
    walk.ancestors.pop();
  }
};

const copyArray = (value: readonly unknown[], walk: Walk, depth: number, under: string): unknown[] => {
  const copy: unknown[] = [];
  for (let index = 0; index < value.length; index++) {
    if (walk.nodes <= 0) {
      const rest =
        value.length - index === 1 && isCut(value[index]) ? value[index] : cutRest(value.length - index);
      copy.push(changed(walk, rest));
      break;
    }
    copy.push(copyValue(read(value, index), walk, depth + 1, under));
  }
  return copy;
};

const copyEntry = (holder: object, facts: KeyFacts, walk: Walk, depth: number, under: string): unknown => {
  const { key } = facts;
  const value = read(holder, key);
  const secret = isSecretEntry(facts, value, holder, walk);
  if (!secret && !(under === SECRET_SCHEMA && SCHEMA_VALUES.has(key)))
    return copyValue(value, walk, depth + 1, key);
  walk.changed = true;
  if (under === 'properties' && isSchema(value)) return copyObject(value, walk, depth + 1, SECRET_SCHEMA);
  return isNothing(value) ? value : REDACTED;
};

/** Two names may look alike once what was secret in them is gone. */
const freeKey = (copy: object, name: string, position: number): string => {
  let key = name;
  while (Object.hasOwn(copy, key)) key = `${key}#${position}`;
  return key;
};

/** Defined, not assigned: an own `__proto__` (JSON.parse makes one) must not become the prototype. */
const define = (copy: object, key: string, value: unknown): void => {
  if (key === '__proto__')
    Object.defineProperty(copy, key, { value, enumerable: true, writable: true, configurable: true });
  else (copy as Record<string, unknown>)[key] = value;
};

const copyEntries = (value: object, walk: Walk, depth: number, under: string): object => {
  const copy = {};
  const keys = Object.keys(value);
  let isRenamed = false;
  for (let position = 0; position < keys.length; position++) {
    if (walk.nodes <= 0) {
      Object.assign(copy, { [changed(walk, CUT)]: true });
      break;
    }
    const facts = walk.factsOf(keys[position] ?? '');
    const { key, name } = facts;
    if (name !== key) walk.changed = isRenamed = true;
    const entry = copyEntry(value, facts, walk, depth, under);
    if (entry !== undefined) define(copy, isRenamed ? freeKey(copy, name, position) : name, entry);
  }
  return copy;
};

/** Cleans values and texts that are JSON. */
export interface JsonRules {
  /**
   * A deep copy that may leave: values under sensitive names are redacted whole, every string passes the text rules, JSON inside strings
   * too. Bounded in depth and size, safe with cycles, and never throws, whatever the getters do.
   */
  readonly value: (value: unknown) => unknown;
  /** Cleans a text that may be JSON as a whole, such as an attribute or the arguments of a tool call. */
  readonly text: (text: string) => string;
}

export const createJsonRules = (rules: ValueRules): JsonRules => {
  const { cleanText } = rules;
  const factsOf = createFacts(rules);
  const createWalk = (): Walk => ({ ...rules, factsOf, nodes: MAX_NODES, changed: false, ancestors: [] });
  return {
    value: (value) => copyValue(value, createWalk(), 0, ''),
    text: (text) => (mayBeContainer(text) ? copyString(text, createWalk(), 0) : cleanText(text)),
  };
};
