import type { z } from 'zod';
import { toRefusal } from '../../src/http/validate.ts';

/** What `validate` does, in one step: for tests of what becomes of a valid body. That both say the same is held by check.test.ts. */
export const validateAtOnce = <T>(schema: z.ZodType<T>, body: unknown): T => {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [first] = result.error.issues;
  if (!first) throw new Error('zod refuses the body and does not say why');
  throw toRefusal(first, body);
};
