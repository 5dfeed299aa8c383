import { isHarmlessValue, isLexeme } from './harmless.ts';
import type { SensitivityOf } from './keys.ts';
import { toPlain } from './plain.ts';
import { CUT, cutRest, isCut, REDACTED } from './rule.ts';

const MAX_DEPTH = 64;
const MAX_NODES = 100_000;
const UNREADABLE = '[unreadable]';

/** What a value is judged by. */
export interface ValueRules {
  readonly sensitivityOf: SensitivityOf;
  readonly cleanText: (text: string) => string;
}

/** One walk over a value: how much it may still visit, what it is inside of, and whether it changed anything. */
interface Walk extends ValueRules {
  nodes: number;
  changed: boolean;
  readonly ancestors: Set<object>;
}

const createWalk = (rules: ValueRules): Walk => ({
  ...rules,
  nodes: MAX_NODES,
  changed: false,
  ancestors: new Set(),
});

const changed = <Value>(walk: Walk, value: Value): Value => {
  walk.changed = true;
  return value;
};

/** What names the value beside it, as OTLP, HAR, MCP and CloudFormation have pairs: `{name: 'authorization', value: …}`. */
const PAIR_NAMES = 'name key Name Key header field variable ParameterKey'.split(' ');
const PAIR_VALUE = /^(?:\w{0,24}[_-]?)?value$/i;

/** Numbers of so many characters under `token` and its kind are counts. */
const MAX_COUNT = 3;

/** What hides nothing: that a password is empty or was not given helps whoever reads the trace. */
const isNothing = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || typeof value === 'boolean';

interface Entry {
  readonly key: string;
  /** The key as it is shown: what is no secret by the one may be one by the other. */
  readonly name: string;
  readonly value: unknown;
  readonly sibling: (key: string) => unknown;
}

/** Whether an entry of an object is secret by its name, or by the name that stands beside it. */
const isSecretEntry = ({ key, name, value, sibling }: Entry, rules: ValueRules): boolean => {
  const judge = (...names: string[]) => names.map(rules.sensitivityOf).find((found) => found !== undefined);
  const beside = PAIR_VALUE.test(key) ? PAIR_NAMES.map(sibling) : [];
  if (beside.some((other) => typeof other === 'string' && judge(other, rules.cleanText(other))))
    return !isNothing(value);
  const sensitivity = judge(key, name);
  if (sensitivity === undefined || isLexeme(key, value, sibling)) return false;
  if (typeof value === 'number') return sensitivity === 'password' || String(value).length > MAX_COUNT;
  return !(typeof value === 'string' && isHarmlessValue(key, value));
};

const SCHEMA_KEYS = ['type', '$ref', 'anyOf', 'oneOf', 'enum', 'description'];
const SCHEMA_VALUES = new Set(['const', 'default', 'enum', 'example', 'examples']);

/** Not a name that any object has: marks the inside of the schema of a sensitive parameter. */
const SECRET_SCHEMA = '\0schema';

/** A JSON schema that describes a parameter named `password` is no password; a default in it may be one. */
const isSchema = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && SCHEMA_KEYS.some((key) => Object.hasOwn(value, key));

const parseContainer = (text: string): unknown => {
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

/** The number of a card may be a number. */
const copyNumber = (value: number, walk: Walk): unknown => {
  if (!Number.isSafeInteger(value) || value < 1e12) return value;
  const text = String(value);
  const clean = walk.cleanText(text);
  return clean === text ? value : changed(walk, clean);
};

const copyObject = (value: object, walk: Walk, depth: number, under: string): unknown => {
  if (walk.ancestors.has(value)) return '[circular]';
  walk.ancestors.add(value);
  try {
    const plain = toPlain(value);
    if (plain !== value) return copyValue(plain, walk, depth + 1, under);
    return Array.isArray(value)
      ? copyArray(value, walk, depth, under)
      : copyEntries(value, walk, depth, under);
  } catch {
    return UNREADABLE;
  } finally {
    walk.ancestors.delete(value);
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

const read = (holder: object, key: string | number): unknown => {
  try {
    return (holder as Record<string | number, unknown>)[key];
  } catch {
    return UNREADABLE;
  }
};

const copyEntry = (
  holder: object,
  { key, name }: Pick<Entry, 'key' | 'name'>,
  walk: Walk,
  depth: number,
  under: string,
): unknown => {
  const value = read(holder, key);
  const sibling = (other: string): unknown =>
    Object.hasOwn(holder, other) ? read(holder, other) : undefined;
  const secret = isSecretEntry({ key, name, value, sibling }, walk);
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

const copyEntries = (value: object, walk: Walk, depth: number, under: string): object => {
  const copy = {};
  for (const [position, key] of Object.keys(value).entries()) {
    if (walk.nodes <= 0) {
      Object.assign(copy, { [changed(walk, CUT)]: true });
      break;
    }
    const name = walk.cleanText(key);
    if (name !== key) walk.changed = true;
    const entry = copyEntry(value, { key, name }, walk, depth, under);
    // Defined, not assigned: an own `__proto__` (JSON.parse makes one) must not become the prototype.
    if (entry !== undefined) {
      Object.defineProperty(copy, freeKey(copy, name, position), {
        value: entry,
        enumerable: true,
        writable: true,
        configurable: true,
      });
    }
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

export const createJsonRules = (rules: ValueRules): JsonRules => ({
  value: (value) => copyValue(value, createWalk(rules), 0, ''),
  text: (text) => copyString(text, createWalk(rules), 0),
});
