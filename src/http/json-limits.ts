import { headOf } from '../cut.ts';
import { GatewayError } from '../errors.ts';
import { hasMoreValues } from '../json-values.ts';
import type { Pace } from '../pace.ts';
import { slicesOf } from '../pieces.ts';
import { toParam } from './validate.ts';

/**
 * Each costs time in the parser and behind it, whatever its size: an object of so many names is parsed in some 20 ms, in which nothing
 * else runs. It is enough for 12,000 messages.
 */
const MAX_VALUES = 50_000;

/** Readers behind us give up at 128 levels, some of which are the envelope's. */
const MAX_DEPTH = 100;

/** How many bytes, or values, are looked at between two looks at the clock. */
const SCANNED_BYTES = 64 * 1024;
const WALKED_VALUES = 256;

/** The refusal of JSON that has more values than anyone needs, before it is parsed; null where it has not. */
export const refuseManyValues = async (json: Uint8Array, pace: Pace): Promise<GatewayError | null> =>
  (await hasMoreValues(slicesOf(json, SCANNED_BYTES), MAX_VALUES, pace))
    ? new GatewayError('invalid_value', `The request body: holds more than ${MAX_VALUES} values.`)
    : null;

/** A value of the body, and the way to it. */
interface OpenValue {
  readonly value: unknown;
  readonly depth: number;
  readonly key: string | number | null;
  readonly above: OpenValue | null;
}

const paramOf = (place: OpenValue | null): string => {
  const path: (string | number)[] = [];
  for (let at = place; at && at.key !== null; at = at.above) path.unshift(at.key);
  return toParam(path);
};

const refuse = (place: OpenValue, problem: string): never => {
  const param = headOf(paramOf(place).toWellFormed(), 200) || null;
  throw new GatewayError('invalid_value', `${param ? `'${param}'` : 'The request body'}: ${problem}.`, {
    param,
  });
};

/** What is in a place, without a list of it: there may be very many. */
function* below(place: OpenValue): Generator<OpenValue> {
  const { value, depth } = place;
  if (value === null) return;
  if (Array.isArray(value)) {
    for (const [key, inner] of value.entries()) yield { value: inner, depth: depth + 1, key, above: place };
    return;
  }
  for (const key of Object.keys(value as object)) {
    const inner = (value as Record<string, unknown>)[key];
    yield { value: inner, depth: depth + 1, key, above: place };
  }
}

const problemOf = ({ value, depth, key }: OpenValue): string | null => {
  if (depth > MAX_DEPTH) return `nested more than ${MAX_DEPTH} levels deep`;
  if (typeof key === 'string' && !key.isWellFormed()) return 'its name holds half of a surrogate pair';
  return typeof value === 'string' && !value.isWellFormed() ? 'holds half of a surrogate pair' : null;
};

/**
 * Refuses what is JSON and still cannot be carried on: texts that are no Unicode, which other readers drop without a
 * word, and nesting at which they, or we, run out of stack. Rejects with a `GatewayError` that names the field.
 */
export const assertCarriable = async (body: unknown, pace: Pace): Promise<void> => {
  const open: Iterator<OpenValue>[] = [[{ value: body, depth: 0, key: null, above: null }].values()];
  let walked = 0;
  while (open.length > 0) {
    const next = open.at(-1)?.next();
    if (!next || next.done) {
      open.pop();
      continue;
    }
    const problem = problemOf(next.value);
    if (problem) refuse(next.value, problem);
    if (typeof next.value.value === 'object') open.push(below(next.value));
    if (++walked % WALKED_VALUES === 0) await pace.rest();
  }
};
