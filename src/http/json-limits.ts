import { headOf } from '../cut.ts';
import { GatewayError } from '../errors.ts';
import { toParam } from './validate.ts';

/** Each costs time on the event loop, in the parser and behind it: for 25,000 messages, say. */
const MAX_VALUES = 100_000;

/** Readers behind us give up at 128 levels, some of which are the envelope's. */
const MAX_DEPTH = 100;

const [QUOTE, BACKSLASH, COMMA, BRACKET, BRACE] = Buffer.from('"\\,[{');

/** The refusal of JSON that has more values than anyone needs, before it is parsed; null where it has not. */
export const refuseManyValues = (json: Uint8Array): GatewayError | null => {
  let values = 1;
  let inText = false;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (inText) {
      if (byte === BACKSLASH) at++;
      else inText = byte !== QUOTE;
    } else if (byte === QUOTE) inText = true;
    else if ((byte === COMMA || byte === BRACKET || byte === BRACE) && ++values > MAX_VALUES)
      return new GatewayError('invalid_value', `The request body: holds more than ${MAX_VALUES} values.`);
  }
  return null;
};

/** A value of the body, and the way to it. */
interface Place {
  readonly value: unknown;
  readonly depth: number;
  readonly key: string | number | null;
  readonly above: Place | null;
}

const paramOf = (place: Place | null): string => {
  const path: (string | number)[] = [];
  for (let at = place; at && at.key !== null; at = at.above) path.unshift(at.key);
  return toParam(path);
};

const refuse = (place: Place, problem: string): never => {
  const param = headOf(paramOf(place).toWellFormed(), 200) || null;
  throw new GatewayError('invalid_value', `${param ? `'${param}'` : 'The request body'}: ${problem}.`, {
    param,
  });
};

const below = (place: Place): Place[] => {
  const { value, depth } = place;
  if (typeof value !== 'object' || value === null) return [];
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  return entries.map(([key, inner]) => ({ value: inner, depth: depth + 1, key, above: place }));
};

const problemOf = ({ value, depth, key }: Place): string | null => {
  if (depth > MAX_DEPTH) return `nested more than ${MAX_DEPTH} levels deep`;
  if (typeof key === 'string' && !key.isWellFormed()) return 'its name holds half of a surrogate pair';
  return typeof value === 'string' && !value.isWellFormed() ? 'holds half of a surrogate pair' : null;
};

/**
 * Refuses what is JSON and still cannot be carried on: texts that are no Unicode, which other readers drop without a
 * word, and nesting at which they, or we, run out of stack. Throws a `GatewayError` that names the field.
 */
export const assertCarriable = (body: unknown): void => {
  const waiting: Place[] = [{ value: body, depth: 0, key: null, above: null }];
  for (let place = waiting.pop(); place; place = waiting.pop()) {
    const problem = problemOf(place);
    if (problem) refuse(place, problem);
    for (const inner of below(place)) waiting.push(inner);
  }
};
