import { GatewayError } from '../../errors.ts';
import type { Part } from '../../gateway/turn.ts';
import type { AssistantMessage, ChatContent, ChatMessage } from './chat-messages.ts';
import { otherPartRefused, partsOf, type SourcedItem, textOfParts } from './conversation.ts';
import { customArguments } from './custom-tools.ts';
import { unsupported } from './parameters.ts';

type ToolCall = NonNullable<AssistantMessage['tool_calls']>[number];

const toImage = ({
  url,
  detail,
}: {
  readonly url: string;
  readonly detail?: string | null | undefined;
}): Part => ({
  type: 'image',
  url,
  ...(detail && { detail }),
});

const toPart = (part: Exclude<ChatContent, string>[number], param: string): Part => {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'image_url':
      return toImage(part.image_url);
    case 'refusal':
      return { type: 'text', text: part.refusal };
    case 'file':
    case 'input_audio':
      throw otherPartRefused(param);
  }
};

/** `param` is the message's. */
const toParts = (content: ChatContent, param: string): Part[] =>
  partsOf<Exclude<ChatContent, string>[number]>(content, `${param}.content`, toPart);

/** What else an assistant's message may hold, and would be missed. */
const assertKnown = (message: AssistantMessage, param: string): void => {
  if (message['function_call'] != null)
    throw unsupported(`${param}.function_call`, "use 'tool_calls', and messages of the role 'tool'.");
  if (message['audio'] != null)
    throw unsupported(`${param}.audio`, 'nothing is stored, so there is nothing to refer to; send its text.');
};

const assertSaysSomething = ({ content, refusal, tool_calls }: AssistantMessage, param: string): void => {
  if (content != null || refusal != null || tool_calls?.length) return;
  throw new GatewayError(
    'missing_required_parameter',
    `'${param}.content' is required where there is neither 'refusal' nor 'tool_calls'.`,
    { param: `${param}.content` },
  );
};

/** A refusal is what the assistant said instead of its content. */
const assistantParts = ({ content, refusal }: AssistantMessage, param: string): Part[] => [
  ...toParts(content ?? '', param),
  ...toParts(refusal ?? '', param),
];

const assistantItems = (message: AssistantMessage, param: string): SourcedItem[] => {
  assertKnown(message, param);
  assertSaysSomething(message, param);
  const parts = assistantParts(message, param).filter((part) => part.type !== 'text' || part.text !== '');
  return [
    ...(parts.length > 0 ? [{ item: { type: 'message', role: 'assistant', parts }, param } as const] : []),
    ...(message.tool_calls ?? []).map((call, index) => toolCallItem(call, `${param}.tool_calls[${index}]`)),
  ];
};

const toolCallItem = (call: ToolCall, param: string): SourcedItem => {
  if (call.type === 'custom') {
    const { name, input } = call.custom;
    return { item: { type: 'tool_call', callId: call.id, name, arguments: customArguments(input) }, param };
  }
  const { name, arguments: args } = call.function;
  return { item: { type: 'tool_call', callId: call.id, name, arguments: args }, param };
};

/** Who speaks, where several do: the app-server has no field for it, so the text says it. */
const namedParts = (
  message: Extract<ChatMessage, { role: 'system' | 'developer' | 'user' }>,
  param: string,
): Part[] => {
  const parts = toParts(message.content, param);
  const name = message['name'];
  return typeof name === 'string' && name !== '' ? [{ type: 'text', text: `${name}: ` }, ...parts] : parts;
};

/** The steps that one message stands for: an assistant's may hold text and several calls. */
export const toItems = (message: ChatMessage, param: string): SourcedItem[] => {
  switch (message.role) {
    case 'assistant':
      return assistantItems(message, param);
    case 'tool':
      return [
        {
          item: {
            type: 'tool_result',
            callId: message.tool_call_id,
            output: textOfParts(toParts(message.content, param)),
          },
          param: `${param}.tool_call_id`,
        },
      ];
    case 'system':
    case 'developer':
    case 'user':
      return [{ item: { type: 'message', role: message.role, parts: namedParts(message, param) }, param }];
    case 'function':
      throw unsupported(`${param}.role`, "use 'tool_calls', and messages of the role 'tool'.");
  }
};
