import { z } from 'zod';
import { GatewayError } from '../../errors.ts';

export const streamOptions = z.looseObject({ include_usage: z.boolean().nullish() });

/** Longer ones would cost too much to look for in every delta. */
const MAX_STOP_CHARS = 256;
const stopSequence = z.string().max(MAX_STOP_CHARS);

export const stopSequences = z.union([stopSequence, z.array(stopSequence).max(4)], {
  error: `must be a string or a list of up to 4 strings, of up to ${MAX_STOP_CHARS} characters each`,
});

export const assertStreamOptions = (body: {
  readonly stream?: unknown;
  readonly stream_options?: unknown;
}): void => {
  if (body.stream_options == null || body.stream === true) return;
  throw new GatewayError('invalid_value', "'stream_options' is only allowed when 'stream' is true.", {
    param: 'stream_options',
  });
};

/** No empty text: it would cut the answer before its first letter. */
export const toStop = (stop: string | readonly string[] | null | undefined): string[] =>
  [stop ?? []].flat().filter((text) => text !== '');
