import { z } from 'zod';
import { GatewayError } from '../../../errors.ts';

/** Reads the answer to a call. What does not fit is the backend's error, not ours. */
export const readResult = <T>(schema: z.ZodType<T>, method: string, result: unknown): T => {
  const parsed = schema.safeParse(result);
  if (parsed.success) return parsed.data;
  throw new GatewayError(
    'backend_error',
    `The backend's answer to ${method} is malformed: ${z.prettifyError(parsed.error)}`,
  );
};
