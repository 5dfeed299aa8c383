import type { Call, Tool, Turn } from '../../gateway/turn.ts';
import { ignoredInChat } from './chat-ignored.ts';
import { toItems } from './chat-items.ts';
import { CHAT_PARAMETERS } from './chat-parameters.ts';
import type { ChatRequest, ChatTool, NamedChatTool } from './chat-schema.ts';
import { assertStreamOptions, toStop } from './common-fields.ts';
import { assertToolPairs, splitConversation } from './conversation.ts';
import { toCustomTool } from './custom-tools.ts';
import { ignoredFields } from './ignored.ts';
import { assertHasSchema, describedSchema } from './output-format.ts';
import type { RequestOptions } from './parameters.ts';
import { type Allowed, isAllowedTools, offeredTools } from './tool-choice.ts';
import { assertDistinct, isCustomTool, isFunctionTool, otherToolRefused, toTool } from './tools.ts';

const nameOf = (tool: NamedChatTool): string[] => {
  if (isFunctionTool(tool)) return [tool.function.name];
  return isCustomTool(tool) ? [tool.custom.name] : [];
};

const toChatTool = (tool: ChatTool, index: number): Tool => {
  if (isFunctionTool(tool)) return toTool(tool.function);
  if (!isCustomTool(tool)) throw otherToolRefused(`tools[${index}]`, tool.type);
  const { name, description, format } = tool.custom;
  return toCustomTool(name, description, format?.type === 'grammar' ? format.grammar : null);
};

const allowedIn = (choice: ChatRequest['tool_choice']): Allowed | null => {
  if (!isAllowedTools(choice)) return null;
  const { mode, tools } = choice.allowed_tools;
  return { mode, names: tools.flatMap(nameOf) };
};

/** A valid request, as the gateway's own data. Throws a `GatewayError` that names the field at fault. */
export const toChatCall = (body: ChatRequest, options: RequestOptions): Call => {
  const withoutEffect = ignoredFields(CHAT_PARAMETERS, body, ignoredInChat(body), options);
  assertStreamOptions(body);
  const { response_format: format } = body;
  assertHasSchema(format, 'response_format');
  const items = body.messages.flatMap((message, index) => toItems(message, `messages[${index}]`));
  assertToolPairs(items);
  const tools = (body.tools ?? []).map(toChatTool);
  assertDistinct(tools);
  const turn: Turn = {
    model: body.model,
    stream: body.stream === true,
    answer: { api: 'chat', includeUsage: body.stream_options?.include_usage === true },
    ...splitConversation(items.map(({ item }) => item)),
    tools: offeredTools(body.tool_choice, tools, allowedIn(body.tool_choice)),
    outputSchema: format?.type === 'json_schema' ? describedSchema(format.json_schema) : null,
    effort: body.reasoning_effort ?? null,
    reasoningSummary: null,
    stop: toStop(body.stop),
  };
  return { type: 'turn', turn, ...withoutEffect };
};
