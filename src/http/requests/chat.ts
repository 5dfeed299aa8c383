import type { Call, Turn } from '../../gateway/turn.ts';
import { ignoredInChat } from './chat-ignored.ts';
import { toItems } from './chat-items.ts';
import { CHAT_PARAMETERS } from './chat-parameters.ts';
import type { ChatRequest } from './chat-schema.ts';
import { assertStreamOptions, toStop } from './common-fields.ts';
import { assertToolPairs, splitConversation } from './conversation.ts';
import { ignoredFields } from './ignored.ts';
import { assertHasSchema } from './output-format.ts';
import type { RequestOptions } from './parameters.ts';
import { type Allowed, isAllowedTools, offeredTools } from './tool-choice.ts';
import { assertDistinct, isFunctionTool, toTool } from './tools.ts';

const allowedIn = (choice: ChatRequest['tool_choice']): Allowed | null => {
  if (!isAllowedTools(choice)) return null;
  const { mode, tools } = choice.allowed_tools;
  return { mode, names: tools.filter(isFunctionTool).map((tool) => tool.function.name) };
};

/** A valid request, as the gateway's own data. Throws a `GatewayError` that names the field at fault. */
export const toChatCall = (body: ChatRequest, options: RequestOptions): Call => {
  const withoutEffect = ignoredFields(CHAT_PARAMETERS, body, ignoredInChat(body), options);
  assertStreamOptions(body);
  const { response_format: format } = body;
  assertHasSchema(format, 'response_format');
  const items = body.messages.flatMap((message, index) => toItems(message, `messages[${index}]`));
  assertToolPairs(items);
  const tools = (body.tools ?? []).filter(isFunctionTool).map((entry) => toTool(entry.function));
  assertDistinct(tools);
  const turn: Turn = {
    model: body.model,
    stream: body.stream === true,
    answer: { api: 'chat', includeUsage: body.stream_options?.include_usage === true },
    ...splitConversation(items.map(({ item }) => item)),
    tools: offeredTools(body.tool_choice, tools, allowedIn(body.tool_choice)),
    outputSchema: format?.type === 'json_schema' ? format.json_schema.schema : null,
    effort: body.reasoning_effort ?? null,
    reasoningSummary: null,
    stop: toStop(body.stop),
  };
  return { type: 'turn', turn, ...withoutEffect };
};
