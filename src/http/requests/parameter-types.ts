import { z } from 'zod';

/** The types that several APIs give the same parameters; open where a later version of an API may have more. */

/** Never a narrower number: a seed has 64 bits, and what is without effect has no range here. */
export const number = z.number();
export const integer = z.int();
export const text = z.string();
export const flag = z.boolean();
export const texts = z.array(z.string());
export const object = z.looseObject({});
export const objects = z.array(object);

export const metadata = z.record(z.string(), z.string());
export const logitBias = z.record(z.string(), z.number());

/** An id, or an object that has it. */
export const idOrObject = z.union([z.string(), z.looseObject({ id: z.string() })], {
  error: 'must be an id, or an object with an id',
});

/** What came before `tool_choice`. */
export const functionChoice = z.union([z.string(), z.looseObject({ name: z.string() })], {
  error: 'must be a string, or an object with a name',
});

/** Why sampling settings have no effect, in every API. */
export const NO_SAMPLING = 'the app-server has no such setting';
