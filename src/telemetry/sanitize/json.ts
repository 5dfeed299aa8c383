import { isNothing, isSchema, isSchemaValue, isSecretEntry, SECRET_SCHEMA } from './entry.ts';
import { toPlain } from './plain.ts';
import { CUT, cutRest, REDACTED } from './rule.ts';
import { sanitizeText } from './scanner.ts';

const MAX_DEPTH = 64;
const MAX_NODES = 100_000;
const UNREADABLE = '[unreadable]';

/** One walk over a value: how much it may still visit, what it is inside of, and whether it changed anything. */
interface Walk {
  nodes: number;
  changed: boolean;
  readonly ancestors: Set<object>;
}

const changed = <Value>(walk: Walk, value: Value): Value => {
  walk.changed = true;
  return value;
};

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
    if (inner.changed) return changed(walk, JSON.stringify(copy));
  }
  const clean = sanitizeText(text);
  return clean === text ? text : changed(walk, clean);
};

const copyValue = (value: unknown, walk: Walk, depth: number, under: string): unknown => {
  if (walk.nodes-- <= 0 || depth > MAX_DEPTH) return changed(walk, CUT);
  switch (typeof value) {
    case 'string':
      return copyString(value, walk, depth);
    case 'bigint':
      return String(value);
    case 'function':
    case 'symbol':
      return `[${typeof value}]`;
    case 'object':
      return value === null ? null : copyObject(value, walk, depth, under);
    default:
      return value;
  }
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
    if (walk.nodes <= 0) return [...copy, changed(walk, cutRest(value.length - index))];
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

const copyEntry = (holder: object, key: string, walk: Walk, depth: number, under: string): unknown => {
  const value = read(holder, key);
  const secret = isSecretEntry(key, value, (other) =>
    Object.hasOwn(holder, other) ? read(holder, other) : undefined,
  );
  if (!secret && !(under === SECRET_SCHEMA && isSchemaValue(key)))
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
    const name = sanitizeText(key);
    if (name !== key) walk.changed = true;
    const entry = copyEntry(value, key, walk, depth, under);
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

/**
 * A deep copy that may leave: values under sensitive names are redacted whole, every string passes `sanitizeText`, JSON
 * inside strings too. Bounded in depth and size, safe with cycles, and never throws, whatever the getters do.
 */
export const sanitizeJson = (value: unknown): unknown =>
  copyValue(value, { nodes: MAX_NODES, changed: false, ancestors: new Set() }, 0, '');

/** Sanitizes a text that may be JSON as a whole, such as an attribute or the arguments of a tool call. */
export const sanitizeJsonText = (text: string): string =>
  copyString(text, { nodes: MAX_NODES, changed: false, ancestors: new Set() }, 0);
