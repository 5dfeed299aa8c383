import type { Tool, Turn, TurnCall } from '../../gateway/turn.ts';
import { ignoredInChat } from './chat-ignored.ts';
import { toItems } from './chat-items.ts';
import { type ChatRequest, type ChatTool, type NamedChatTool, namedChatTool } from './chat-schema.ts';
import { assertStreamOptions, toStop } from './common-fields.ts';
import { assertToolPairs, splitConversation } from './conversation.ts';
import { toCustomTool } from './custom-tools.ts';
import { demandsOf } from './expected.ts';
import { ignoredFields } from './ignored.ts';
import { describedSchema } from './output-format.ts';
import { type RequestOptions, settingsOf } from './parameters.ts';
import { type Allowed, chooseTools, isAllowedTools } from './tool-choice.ts';
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

const isNamed = (choice: unknown): choice is NamedChatTool =>
  typeof choice === 'object' && choice !== null && namedChatTool.safeParse(choice).success;

const allowedIn = (choice: ChatRequest['tool_choice']): Allowed | null => {
  if (isAllowedTools(choice)) {
    const { mode, tools } = choice.allowed_tools;
    return { mode, names: tools.flatMap(nameOf) };
  }
  const names = isNamed(choice) ? nameOf(choice) : [];
  return names.length > 0 ? { mode: 'required', names } : null;
};

/** A valid request, as the gateway's own data. Throws a `GatewayError` that names the field at fault. */
export const toChatCall = (body: ChatRequest, options: RequestOptions): TurnCall => {
  const { support } = options;
  const table = support.parameters.chat;
  const withoutEffect = ignoredFields(table, body, ignoredInChat(body, support), options);
  assertStreamOptions(body);
  const { response_format: format } = body;
  const items = body.messages.flatMap((message, index) => toItems(message, `messages[${index}]`));
  assertToolPairs(items);
  const tools = (body.tools ?? []).map(toChatTool);
  assertDistinct(tools);
  const chosen = chooseTools(body.tool_choice, tools, allowedIn(body.tool_choice), options);
  const parallel = body['parallel_tool_calls'];
  const { emulated, ...demands } = demandsOf(
    { chosen, parallel, format, formatField: 'response_format' },
    options,
  );
  const turn: Turn = {
    model: body.model,
    stream: body.stream === true,
    answer: { api: 'chat', includeUsage: body.stream_options?.include_usage === true },
    ...splitConversation(items.map(({ item }) => item)),
    tools: chosen.tools,
    rules: null,
    ...demands,
    format: format?.type === 'json_schema' ? format : demands.format,
    settings: settingsOf(table, body),
    outputSchema: format?.type === 'json_schema' ? describedSchema(format.json_schema) : null,
    effort: body.reasoning_effort ?? null,
    reasoningSummary: null,
    stop: toStop(body.stop),
  };
  return { turn, emulated, ...withoutEffect };
};
