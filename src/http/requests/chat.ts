import { z } from 'zod';
import type { Call, Turn } from '../../gateway/turn.ts';
import { chatMessage, toItems } from './chat-messages.ts';
import { CHAT_PARAMETERS } from './chat-parameters.ts';
import { assertStreamOptions, stopSequences, streamOptions, toStop } from './common-fields.ts';
import { assertToolPairs, splitConversation } from './conversation.ts';
import { ignoredParameters, type RequestOptions, unsupported } from './parameters.ts';
import { assertDistinct, functionFields, ignoredTools, offersTools, toTool } from './tools.ts';

const functionTool = z.looseObject({
  type: z.literal('function'),
  function: z.looseObject(functionFields),
});
const otherTool = z.looseObject({ type: z.string().regex(/^(?!function$)/) });
const tool = z.union([functionTool, otherTool]);

const isFunctionTool = (entry: z.infer<typeof tool>): entry is z.infer<typeof functionTool> =>
  entry.type === 'function';

export const responseFormat = z.discriminatedUnion(
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
export const chatRequest = z.looseObject({
  model: z.string().min(1),
  messages: z.array(chatMessage).min(1),
  stream: z.boolean().nullish(),
  stream_options: streamOptions.nullish(),
  tools: z.array(tool).nullish(),
  response_format: responseFormat.nullish(),
  reasoning_effort: z.string().nullish(),
  stop: stopSequences.nullish(),
});
type ChatRequest = z.infer<typeof chatRequest>;

const toOutputSchema = (format: ChatRequest['response_format']): unknown => {
  switch (format?.type) {
    case 'json_schema':
      return format.json_schema.schema;
    case 'json_object':
      throw unsupported('response_format', "'json_object' has no schema; use 'json_schema'.");
    case 'text':
    case undefined:
      return null;
  }
};

/** A valid request, as the gateway's own data. Throws a `GatewayError` that names the field at fault. */
export const toChatCall = (body: ChatRequest, options: RequestOptions): Call => {
  const ignored = ignoredParameters(CHAT_PARAMETERS, body, options);
  assertStreamOptions(body);
  const items = body.messages.flatMap((message, index) => toItems(message, `messages[${index}]`));
  assertToolPairs(items);
  const tools = (body.tools ?? []).filter(isFunctionTool).map((entry) => toTool(entry.function));
  assertDistinct(tools);
  const turn: Turn = {
    model: body.model,
    stream: body.stream === true,
    answer: { api: 'chat', includeUsage: body.stream_options?.include_usage === true },
    ...splitConversation(items.map(({ item }) => item)),
    tools: offersTools(body['tool_choice']) ? tools : [],
    outputSchema: toOutputSchema(body.response_format),
    effort: body.reasoning_effort ?? null,
    reasoningSummary: null,
    stop: toStop(body.stop),
  };
  return { type: 'turn', turn, ignored: [...ignored, ...ignoredTools(body.tools ?? [], options)] };
};
