import type { TurnSupport } from '../../gateway/turn-support.ts';
import type { ChatMessage } from './chat-messages.ts';
import type { ChatRequest } from './chat-schema.ts';
import { capNames } from './ignored.ts';
import { ignoredOfSchema } from './output-format.ts';
import { ignoredTools, isFunctionTool } from './tools.ts';

const inMessage = (message: ChatMessage, index: number): string[] => {
  const place = `messages[${index}]`;
  const parts = message.role === 'user' && typeof message.content !== 'string' ? message.content : [];
  return parts.flatMap((part, at) => {
    const detail = part.type === 'image_url' ? (part.image_url['detail'] ?? 'auto') : 'auto';
    return detail === 'auto' ? [] : [`${place}.content[${at}].image_url.detail`];
  });
};

const ignoredDetails = ({
  messages,
  tools,
  response_format,
}: Pick<ChatRequest, 'messages' | 'tools' | 'response_format'>): string[] => [
  ...capNames('messages', messages.flatMap(inMessage)),
  ...ignoredTools(tools ?? [], (tool) => isFunctionTool(tool) && tool.function.strict === true),
  ...(response_format?.type === 'json_schema'
    ? ignoredOfSchema(response_format.json_schema, 'response_format.json_schema')
    : []),
];

/** What is inside of a parameter that is honoured, and has no effect itself. */
export const ignoredInChat = (
  { messages, tools, response_format, stream_options }: ChatRequest,
  { details }: TurnSupport,
): string[] => [
  ...(details ? [] : ignoredDetails({ messages, tools, response_format })),
  ...(stream_options?.['include_obfuscation'] === true ? ['stream_options.include_obfuscation'] : []),
];
