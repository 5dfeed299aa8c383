import { z } from 'zod';
import { chatMessage } from './chat-messages.ts';
import { CHAT_PARAMETERS } from './chat-parameters.ts';
import { stopSequences, streamOptions } from './common-fields.ts';
import { withParameters } from './parameters.ts';
import { functionFields, otherTool } from './tools.ts';

const functionTool = z.looseObject({
  type: z.literal('function'),
  function: z.looseObject(functionFields),
});
const tool = z.union([functionTool, otherTool]);

export const isFunctionTool = (entry: z.infer<typeof tool>): entry is z.infer<typeof functionTool> =>
  entry.type === 'function';

const responseFormat = z.discriminatedUnion(
  'type',
  [
    z.looseObject({ type: z.literal('text') }),
    z.looseObject({ type: z.literal('json_object') }),
    z.looseObject({
      type: z.literal('json_schema'),
      json_schema: z.looseObject({
        name: z.string().regex(/^[\w-]{1,64}$/),
        schema: z.record(z.string(), z.unknown()),
      }),
    }),
  ],
  { error: "must be of type 'text', 'json_schema' or 'json_object'" },
);

/** Wire schema of `POST /v1/chat/completions`. Fields that are not named here are accepted: clients add some. */
export const chatRequest = withParameters(
  CHAT_PARAMETERS,
  z.looseObject({
    model: z.string().min(1),
    messages: z.array(chatMessage).min(1),
    stream: z.boolean().nullish(),
    stream_options: streamOptions.nullish(),
    tools: z.array(tool).nullish(),
    response_format: responseFormat.nullish(),
    reasoning_effort: z.string().nullish(),
    stop: stopSequences.nullish(),
  }),
);
export type ChatRequest = z.infer<typeof chatRequest>;
