import { z } from 'zod';
import { GatewayError } from '../../errors.ts';

export const streamOptions = z.looseObject({ include_usage: z.boolean().nullish() });

export const stopSequences = z.union([z.string(), z.array(z.string()).max(4)], {
  error: 'must be a string or a list of up to 4 strings',
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
