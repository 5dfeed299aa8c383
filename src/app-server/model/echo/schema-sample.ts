import { isObject } from '../../rpc/params.ts';

/** References may go round in circles, and a schema may ask for more than there is memory. */
const MAX_DEPTH = 16;
const MAX_VALUES = 10_000;
const MAX_ITEMS = 100;
const MAX_CHARS = 10_000;
/** In all strings: each of them repeats the prompt. */
const MAX_TEXT = 1_000_000;

interface Scope {
  readonly root: unknown;
  readonly text: string;
  readonly depth: number;
  /** How many values may still be made, and of how many characters their strings may be. */
  readonly budget: { left: number; chars: number };
}
type Schema = Readonly<Record<string, unknown>>;

const numberOr = (value: unknown, otherwise: number) => (typeof value === 'number' ? value : otherwise);

const resolve = (ref: string, root: unknown): unknown =>
  ref
    .split('/')
    .slice(1)
    .reduce<unknown>(
      (at, key) => (isObject(at) ? at[key.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined),
      root,
    );

const sampleString = (schema: Schema, { text, budget }: Scope): string => {
  const filled = text.padEnd(Math.min(numberOr(schema.minLength, 0), MAX_CHARS), '.');
  const sampled = filled.slice(0, Math.min(numberOr(schema.maxLength, filled.length), budget.chars));
  budget.chars -= sampled.length;
  return sampled;
};

const sampleNumber = (schema: Schema): number => {
  const step = schema.type === 'integer' ? 1 : 0.5;
  if (typeof schema.minimum === 'number')
    return schema.type === 'integer' ? Math.ceil(schema.minimum) : schema.minimum;
  if (typeof schema.exclusiveMinimum === 'number') return Math.floor(schema.exclusiveMinimum) + step;
  return Math.min(0, numberOr(schema.maximum, 0), numberOr(schema.exclusiveMaximum, 1) - 1);
};

const sampleObject = (schema: Schema, scope: Scope): unknown => {
  const properties = isObject(schema.properties) ? schema.properties : {};
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, sample(value, scope)]));
};

const itemCount = (schema: Schema): number =>
  Math.max(0, Math.min(Math.floor(numberOr(schema.minItems, 1)), MAX_ITEMS));

const typeOf = ({ type, properties }: Schema): unknown => {
  if (Array.isArray(type)) return type[0];
  return type ?? (properties ? 'object' : 'string');
};

const sampleTyped = (schema: Schema, scope: Scope): unknown => {
  switch (typeOf(schema)) {
    case 'object':
      return sampleObject(schema, scope);
    case 'array':
      return Array.from({ length: itemCount(schema) }, () => sample(schema.items ?? {}, scope));
    case 'integer':
    case 'number':
      return sampleNumber(schema);
    case 'boolean':
      return false;
    case 'null':
      return null;
    default:
      return sampleString(schema, scope);
  }
};

const firstOf = (value: unknown): unknown => (Array.isArray(value) ? value[0] : undefined);

const sample = (schema: unknown, outer: Scope): unknown => {
  if (!isObject(schema) || outer.depth > MAX_DEPTH || outer.budget.left-- <= 0) return null;
  const scope = { ...outer, depth: outer.depth + 1 };
  if ('const' in schema) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0] ?? null;
  if (typeof schema.$ref === 'string') return sample(resolve(schema.$ref, scope.root), scope);
  const branch = firstOf(schema.anyOf) ?? firstOf(schema.oneOf) ?? firstOf(schema.allOf);
  return branch ? sample(branch, scope) : sampleTyped(schema, scope);
};

/** A value that fits the schema: every property is there, and strings repeat the prompt. Formats and patterns are not read. */
export const sampleOf = (schema: unknown, prompt: string): unknown =>
  sample(schema, {
    root: schema,
    text: prompt.trim(),
    depth: 0,
    budget: { left: MAX_VALUES, chars: MAX_TEXT },
  });
