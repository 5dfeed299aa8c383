import { z } from 'zod';
import type { TurnCall } from '../../gateway/turn.ts';
import { assertStreamOptions, stopSequences, streamOptions, toStop } from './common-fields.ts';
import { COMPLETIONS_PARAMETERS } from './completions-parameters.ts';
import { ignoredFields } from './ignored.ts';
import { type RequestOptions, settingsOf, unsupported, withParameters } from './parameters.ts';

const tokens = z.array(z.int()).min(1);
const prompt = z.union([z.string(), z.array(z.string()).min(1), tokens, z.array(tokens).min(1)], {
  error: 'must be a string, or a list of one string',
});

/** Wire schema of `POST /v1/completions`. Fields that are not named here are accepted: clients add some. */
export const completionsRequest = withParameters(
  COMPLETIONS_PARAMETERS,
  z.looseObject({
    model: z.string().min(1),
    prompt,
    stream: z.boolean().nullish(),
    stream_options: streamOptions.nullish(),
    echo: z.boolean().nullish(),
    stop: stopSequences.nullish(),
  }),
);

/** Several prompts ask for several answers, and tokens for a model that reads them. */
const onlyText = (sent: z.infer<typeof prompt>): string => {
  const [text, ...more] = [sent].flat();
  if (typeof text !== 'string') throw unsupported('prompt', 'no tokens are taken; send text.');
  if (more.length > 0) throw unsupported('prompt', 'one answer is given; send one prompt.');
  return text;
};

/** A valid request, as the gateway's own data: its prompt is the one user message. */
export const toCompletionsCall = (
  body: z.infer<typeof completionsRequest>,
  options: RequestOptions,
): TurnCall => {
  const table = options.support.parameters.completions;
  const withoutEffect = ignoredFields(table, body, [], options);
  assertStreamOptions(body);
  const prompt = onlyText(body.prompt);
  return {
    ...withoutEffect,
    emulated: [],
    turn: {
      model: body.model,
      stream: body.stream === true,
      answer: {
        api: 'completions',
        includeUsage: body.stream_options?.include_usage === true,
        echo: body.echo === true ? prompt : '',
      },
      instructions: null,
      rules: null,
      history: [],
      input: [{ type: 'text', text: prompt }],
      tools: [],
      outputSchema: null,
      expected: null,
      format: null,
      toolChoice: null,
      parallelToolCalls: null,
      settings: settingsOf(table, body),
      effort: null,
      reasoningSummary: null,
      stop: toStop(body.stop),
    },
  };
};
