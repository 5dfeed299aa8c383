import type { ContentItem, ResponseItem } from '../../../app-server-protocol/index.ts';
import type { ModelRequest } from '../model.ts';

interface ToolCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}
type Part =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image_url'; readonly image_url: { readonly url: string } };

type ChatMessage =
  | { readonly role: 'system' | 'user'; readonly content: string | readonly Part[] }
  | { readonly role: 'assistant'; readonly content: string | null; readonly tool_calls?: readonly ToolCall[] }
  | { readonly role: 'tool'; readonly tool_call_id: string; readonly content: string };

const partOf = (item: ContentItem): Part =>
  item.type === 'input_image'
    ? { type: 'image_url', image_url: { url: item.image_url } }
    : { type: 'text', text: item.text };

const plainText = (content: readonly ContentItem[]): string =>
  content.map((item) => (item.type === 'input_image' ? '' : item.text)).join('');

const messageOf = (role: string, content: readonly ContentItem[]): ChatMessage => {
  if (role === 'assistant') return { role, content: plainText(content) };
  const hasImage = content.some(({ type }) => type === 'input_image');
  // Servers that are only compatible know no `developer`.
  return {
    role: role === 'user' ? 'user' : 'system',
    content: hasImage ? content.map(partOf) : plainText(content),
  };
};

const callOf = (item: Extract<ResponseItem, { type: 'function_call' }>): ToolCall => ({
  id: item.call_id,
  type: 'function',
  function: { name: item.name, arguments: item.arguments },
});

/** Chat completions want the calls of one answer, and the text before them, in one message. */
const addCall = (messages: ChatMessage[], call: ToolCall): void => {
  const last = messages.at(-1);
  if (last?.role === 'assistant') {
    messages[messages.length - 1] = { ...last, tool_calls: [...(last.tool_calls ?? []), call] };
  } else {
    messages.push({ role: 'assistant', content: null, tool_calls: [call] });
  }
};

const messagesOf = ({ instructions, history }: ModelRequest): ChatMessage[] => {
  const messages: ChatMessage[] = instructions ? [{ role: 'system', content: instructions }] : [];
  for (const item of history) {
    switch (item.type) {
      case 'message':
        messages.push(messageOf(item.role, item.content));
        break;
      case 'function_call':
        addCall(messages, callOf(item));
        break;
      case 'function_call_output':
        messages.push({ role: 'tool', tool_call_id: item.call_id, content: item.output });
    }
  }
  return messages;
};

/** The body of `POST /chat/completions` for one call of the model. */
export const chatBodyOf = (request: ModelRequest) => ({
  model: request.model,
  messages: messagesOf(request),
  stream: true,
  stream_options: { include_usage: true },
  ...(request.tools.length > 0 && {
    tools: request.tools.map(({ name, description, inputSchema }) => ({
      type: 'function',
      function: { name, description, parameters: inputSchema },
    })),
  }),
  ...(request.effort !== undefined && { reasoning_effort: request.effort }),
  ...(request.outputSchema !== undefined && {
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'answer', schema: request.outputSchema, strict: true },
    },
  }),
});
