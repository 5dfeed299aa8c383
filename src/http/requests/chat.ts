import type { Call, Turn } from '../../gateway/turn.ts';
import { ignoredInChat } from './chat-ignored.ts';
import { toItems } from './chat-messages.ts';
import { CHAT_PARAMETERS } from './chat-parameters.ts';
import { type ChatRequest, isFunctionTool } from './chat-schema.ts';
import { assertStreamOptions, toStop } from './common-fields.ts';
import { assertToolPairs, splitConversation } from './conversation.ts';
import { ignoredOrRefused } from './ignored.ts';
import { ignoredParameters, type RequestOptions, unsupported } from './parameters.ts';
import { assertDistinct, offersTools, toTool } from './tools.ts';

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
  return { type: 'turn', turn, ignored: [...ignored, ...ignoredOrRefused(ignoredInChat(body), options)] };
};
