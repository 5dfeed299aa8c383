import { z } from 'zod';

/** The types that the APIs give their parameters, with the ranges and the closed lists that they document. */

export const integer = z.int();
export const text = z.string();
export const bool = z.boolean();
export const object = z.looseObject({});
export const objects = z.array(object);

/** A number within its documented range, both ends included. */
const numberFrom = (min: number, max: number) => {
  const error = `must be a number from ${min} to ${max}`;
  return z.number().min(min, { error }).max(max, { error });
};

/** A whole number within its documented range, both ends included; without `max` there is no upper one. */
export const wholeFrom = (min: number, max?: number) => {
  const error = `must be a whole number ${max === undefined ? `of at least ${min}` : `from ${min} to ${max}`}`;
  const whole = z.int().min(min, { error });
  return max === undefined ? whole : whole.max(max, { error });
};

/** One of a closed list of words. */
export const oneOf = <const Words extends readonly string[]>(words: Words) =>
  z.enum(words, { error: `must be one of ${words.map((word) => `'${word}'`).join(', ')}` });

/** A text within its documented length. */
const atMost = (chars: number) => z.string().max(chars, { error: `must have at most ${chars} characters` });

export const temperature = numberFrom(0, 2);
export const topP = numberFrom(0, 1);
export const penalty = numberFrom(-2, 2);
export const choices = wholeFrom(1, 128);
export const topLogprobs = wholeFrom(0, 20);

const SEED_ERROR = 'must be a whole number of 64 bits';
/** Beyond what JavaScript counts exactly, so it is no `z.int()`. */
export const seed = z
  .number()
  .min(-(2 ** 63), { error: SEED_ERROR })
  .max(2 ** 63, { error: SEED_ERROR })
  .refine(Number.isInteger, { error: SEED_ERROR })
  .meta({ type: 'integer' });

/** The last one is Codex's own: its catalogue names it. */
export const effort = oneOf(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max', 'ultra']);
export const verbosity = oneOf(['low', 'medium', 'high']);
export const imageDetail = oneOf(['auto', 'low', 'high', 'original']);
export const serviceTier = oneOf(['auto', 'default', 'flex', 'scale', 'priority', 'fast', 'ultrafast']);
/** The second spelling is an older one of the API's. */
export const cacheRetention = oneOf(['in_memory', 'in-memory', '24h']);
export const cacheOptions = z.looseObject({
  ttl: oneOf(['30m']).nullish(),
  mode: oneOf(['implicit', 'explicit']).nullish(),
});
export const safetyIdentifier = atMost(64);

const MAX_PAIRS = 16;
export const metadata = z
  .record(atMost(64), atMost(512))
  .refine((pairs) => Object.keys(pairs).length <= MAX_PAIRS, {
    error: `must have at most ${MAX_PAIRS} pairs`,
  })
  .meta({ maxProperties: MAX_PAIRS });
export const logitBias = z.record(z.string(), numberFrom(-100, 100));

/** An id, or an object that has it. */
export const idOrObject = z.union([z.string(), z.looseObject({ id: z.string() })], {
  error: 'must be an id, or an object with an id',
});

/** What came before `tool_choice`. */
export const functionChoice = z.union([z.string(), z.looseObject({ name: z.string() })], {
  error: 'must be a string, or an object with a name',
});
