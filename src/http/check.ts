import { z } from 'zod';
import type { Pace } from '../pace.ts';

/** What zod hands from schema to schema: the value as it is by now, and what is wrong with it. */
type Payload = z.core.ParsePayload;
type Schema = z.core.$ZodType;

/** One walk over a body. */
interface Walk {
  readonly pace: Pace;
  /** Values with so few values in them are left to zod, which looks at all of them at once and collects every issue. */
  readonly smallValues: number;
}

const SMALL_VALUES = 256;

const CONTEXT: z.core.ParseContextInternal = { async: false };

const { aborted, finalizeIssue, prefixIssues } = z.core.util;

const run = (schema: Schema, value: unknown): Payload =>
  schema._zod.run({ value, issues: [] }, CONTEXT) as Payload;

/** Whether there are more values in a value than that. Stops counting as soon as it knows. */
const isLarge = (value: unknown, { smallValues }: Walk): boolean => {
  let room = smallValues;
  const count = (part: unknown): void => {
    if (room-- <= 0 || typeof part !== 'object' || part === null) return;
    if (Array.isArray(part)) return countAll(part);
    const names = Object.keys(part);
    // To take the values of very many names out takes longer than to count them.
    if (names.length > room) room = -1;
    else countAll(names.map((name) => (part as Record<string, unknown>)[name]));
  };
  const countAll = (parts: readonly unknown[]): void => {
    for (const part of parts) {
      if (room < 0) return;
      count(part);
    }
  };
  if (typeof value === 'object' && value !== null) count(value);
  return room < 0;
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Checks what is in a list or an object, one after the other, until one is wrong. What is only too short, say, lets a union choose this
 * branch all the same, unless something of a wrong type is in it as well: that is looked for among the next ones.
 */
const checkAll = async (
  entries: Iterable<readonly [key: string | number, value: unknown]>,
  schemaOf: (key: string | number) => Schema,
  keep: (key: string | number, value: unknown) => void,
  walk: Walk,
): Promise<z.core.$ZodRawIssue[]> => {
  const issues: z.core.$ZodRawIssue[] = [];
  let left = SMALL_VALUES;
  for (const [key, value] of entries) {
    const schema = schemaOf(key);
    const checked = isLarge(value, walk) ? await step(schema, value, walk) : run(schema, value);
    issues.push(...prefixIssues(key, checked.issues));
    if (aborted(checked) || (issues.length > 0 && left-- <= 0)) break;
    keep(key, checked.value);
    await walk.pace.rest();
  }
  return issues;
};

/** What is asked of a list as a whole, such as its length. */
const checkLength = (schema: z.core.$ZodArray, value: unknown): z.core.$ZodRawIssue[] => {
  const { def } = schema._zod;
  return def.checks ? run(z.core.clone(schema, { ...def, element: z.unknown() }), value).issues : [];
};

const checkList = async (
  schema: z.core.$ZodArray,
  sent: readonly unknown[],
  walk: Walk,
): Promise<Payload> => {
  const { element } = schema._zod.def;
  const value: unknown[] = [];
  const issues = await checkAll(
    sent.entries(),
    () => element,
    (_, item) => value.push(item),
    walk,
  );
  return { value, issues: issues.length > 0 ? issues : checkLength(schema, sent) };
};

/** `__proto__` is left out, as zod does. */
const isKept = (key: string): boolean => key !== '__proto__';

/** One by one: a list of all of them takes long where they are many. */
function* entriesOf(
  sent: Readonly<Record<string, unknown>>,
  isWanted: (key: string) => boolean,
): Generator<[string, unknown]> {
  for (const key of Object.keys(sent)) if (isWanted(key)) yield [key, sent[key]];
}

const checkObject = async (
  { shape, catchall }: z.core.$ZodObjectDef,
  sent: Readonly<Record<string, unknown>>,
  walk: Walk,
): Promise<Payload> => {
  const value: Record<string, unknown> = {};
  const keep = (key: string | number, inner: unknown): void => {
    if (inner !== undefined || key in sent) value[key] = inner;
  };
  const named = Object.keys(shape).map((key) => [key, sent[key]] as const);
  const issues = await checkAll(named, (key) => shape[key] as Schema, keep, walk);
  if (issues.length > 0 || !catchall) return { value, issues };
  const isOther = (key: string): boolean => isKept(key) && !Object.hasOwn(shape, key);
  return { value, issues: await checkAll(entriesOf(sent, isOther), () => catchall, keep, walk) };
};

const checkRecord = async (
  { valueType }: z.core.$ZodRecordDef,
  sent: Readonly<Record<string, unknown>>,
  walk: Walk,
): Promise<Payload> => {
  const value: Record<string, unknown> = {};
  const keep = (key: string | number, inner: unknown): void => {
    value[key] = inner;
  };
  return { value, issues: await checkAll(entriesOf(sent, isKept), () => valueType, keep, walk) };
};

/** The first branch that takes the value; else what each of them says, or the one that says least. */
const checkUnion = async (schema: z.core.$ZodUnion, sent: unknown, walk: Walk): Promise<Payload> => {
  const results: Payload[] = [];
  for (const option of schema._zod.def.options) {
    const result = await step(option, sent, walk);
    if (result.issues.length === 0) return result;
    results.push(result);
  }
  const [only, ...more] = results.filter((result) => !aborted(result));
  if (only && more.length === 0) return only;
  const errors = results.map(({ issues }) =>
    issues.map((issue) => finalizeIssue(issue, CONTEXT, z.core.config())),
  );
  return { value: sent, issues: [{ code: 'invalid_union', input: sent, inst: schema, errors }] };
};

/** A union that is told apart by a word has one branch for it; where there is none, zod says so without looking at any. */
const checkByWord = (schema: z.core.$ZodDiscriminatedUnion, sent: unknown, walk: Walk): Promise<Payload> => {
  const { discriminator, options } = schema._zod.def;
  const word = isRecord(sent) ? (sent[discriminator] as z.core.util.Primitive) : null;
  const branch = options.find((option) => option._zod.propValues?.[discriminator]?.has(word));
  return branch && isRecord(sent) ? step(branch, sent, walk) : Promise.resolve(run(schema, sent));
};

/** For a large value. Whatever has no way of its own here, or is of a wrong type as a whole, takes zod no time worth mentioning. */
const step = async (schema: Schema, sent: unknown, walk: Walk): Promise<Payload> => {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'optional':
    case 'nullable':
      return step(def.innerType, sent, walk);
    case 'array':
      return Array.isArray(sent) ? checkList(schema as z.core.$ZodArray, sent, walk) : run(schema, sent);
    case 'object':
      return isRecord(sent) ? checkObject(def, sent, walk) : run(schema, sent);
    case 'record':
      return isRecord(sent) ? checkRecord(def, sent, walk) : run(schema, sent);
    case 'union':
      return 'discriminator' in def
        ? checkByWord(schema as z.core.$ZodDiscriminatedUnion, sent, walk)
        : checkUnion(schema as z.core.$ZodUnion, sent, walk);
    default:
      return run(schema, sent);
  }
};

type Checked = { readonly value: unknown } | { readonly issue: z.core.$ZodIssue };

const toChecked = ({ value, issues: [first] }: Payload): Checked =>
  first ? { issue: finalizeIssue(first, CONTEXT, z.core.config()) } : { value };

/** Checks the part of a body in one step, up to the first list item that is of a wrong type. */
export const checkPart = (schema: Schema, part: unknown): Checked =>
  toChecked(schema._zod.run({ value: part, issues: [] }, { ...CONTEXT, abortEarly: true }) as Payload);

/**
 * Checks a value by a schema as `safeParse` does, but stops at the first list item or field that is wrong, and lets others have the event
 * loop meanwhile. Gives the value, or the first issue.
 *
 * @param smallValues - how many values are checked in one go
 */
export const check = async (
  schema: z.ZodType,
  sent: unknown,
  pace: Pace,
  smallValues = SMALL_VALUES,
): Promise<Checked> => {
  const walk = { pace, smallValues };
  return toChecked(isLarge(sent, walk) ? await step(schema, sent, walk) : run(schema, sent));
};
