import type { Item, Part, Turn } from '../../../gateway/turn.ts';

interface ChatCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}

type ChatPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image_url'; readonly image_url: { readonly url: string; readonly detail?: string } };

interface AssistantMessage {
  readonly role: 'assistant';
  content: string | null;
  reasoning_content?: string;
  tool_calls?: readonly ChatCall[];
}

/** A message of Chat Completions. */
export type UpstreamMessage =
  | { readonly role: 'system' | 'user'; readonly content: string | readonly ChatPart[] }
  | AssistantMessage
  | { readonly role: 'tool'; readonly tool_call_id: string; readonly content: string };

type Message = Extract<Item, { type: 'message' }>;
type Call = Extract<Item, { type: 'tool_call' }>;

const toPart = (part: Part): ChatPart =>
  part.type === 'text'
    ? { type: 'text', text: part.text }
    : { type: 'image_url', image_url: { url: part.url, ...(part.detail && { detail: part.detail }) } };

const textOf = (parts: readonly Part[]): string =>
  parts.map((part) => (part.type === 'text' ? part.text : '')).join('');

/** Compatible servers do not know the role `developer`, and some take a list of parts only for images. */
const toMessage = ({ role, parts }: Message): UpstreamMessage => {
  if (role === 'assistant') return { role, content: textOf(parts) };
  const hasImage = parts.some(({ type }) => type === 'image');
  return {
    role: role === 'user' ? 'user' : 'system',
    content: hasImage ? parts.map(toPart) : textOf(parts),
  };
};

const toCall = ({ callId, name, arguments: given }: Call): ChatCall => ({
  id: callId,
  type: 'function',
  function: { name, arguments: given },
});

/** The outputs of calls by id. Calls with the same id get theirs in order. */
const createOutputs = (items: readonly Item[]) => {
  const outputs = new Map<string, string[]>();
  for (const item of items) {
    if (item.type !== 'tool_result') continue;
    const known = outputs.get(item.callId);
    if (known) known.push(item.output);
    else outputs.set(item.callId, [item.output]);
  }
  // `pop` takes constant time, `shift` does not.
  for (const list of outputs.values()) list.reverse();
  return (callId: string): string | undefined => outputs.get(callId)?.pop();
};

/** Collects the messages of a conversation. */
const createMessages = (items: readonly Item[]) => {
  const messages: UpstreamMessage[] = [];
  const outputOf = createOutputs(items);
  /** Reasoning that belongs to the next message of the model. */
  let thought: string[] = [];
  /** Calls in a row, which belong to one message. */
  let calls: Call[] = [];

  const withThought = (message: AssistantMessage): AssistantMessage => {
    if (thought.length > 0) message.reasoning_content = thought.join('\n\n');
    thought = [];
    return message;
  };

  /** Chat Completions wants the calls of one answer, with the text before them, in one message, directly followed by the outputs. */
  const closeCalls = (): void => {
    if (calls.length === 0) return;
    const before = messages.at(-1);
    const opens = before?.role !== 'assistant' || before.tool_calls !== undefined || thought.length > 0;
    const message: AssistantMessage = opens ? { role: 'assistant', content: null } : before;
    message.tool_calls = calls.map(toCall);
    if (opens) messages.push(withThought(message));
    for (const { callId } of calls) {
      const content = outputOf(callId);
      if (content !== undefined) messages.push({ role: 'tool', tool_call_id: callId, content });
    }
    calls = [];
  };

  return {
    add(item: Item): void {
      if (item.type === 'tool_call') return void calls.push(item);
      // `closeCalls` has added the outputs after their calls.
      closeCalls();
      if (item.type === 'tool_result') return;
      if (item.type === 'reasoning') return void thought.push(item.text);
      const message = toMessage(item);
      if (message.role === 'assistant') messages.push(withThought(message));
      else {
        thought = [];
        messages.push(message);
      }
    },
    end(): UpstreamMessage[] {
      closeCalls();
      return messages;
    },
  };
};

/** Whether an item is sent. Reasoning before the last user message is not: it is useless, and some servers refuse it. */
const isCarried = (index: number, lastOfUser: number, { type }: Item): boolean =>
  type !== 'reasoning' || index > lastOfUser;

/** The conversation of a turn as messages of Chat Completions. */
export const messagesOf = ({ instructions, rules, history, input }: Turn): UpstreamMessage[] => {
  const items: Item[] = [
    ...history,
    ...(input === null ? [] : [{ type: 'message', role: 'user', parts: input } as const]),
  ];
  const lastOfUser = items.findLastIndex((item) => item.type === 'message' && item.role === 'user');
  const system = [instructions, rules].filter((text) => text !== null && text !== '').join('\n\n');
  const messages = createMessages(items);
  for (const [index, item] of items.entries()) if (isCarried(index, lastOfUser, item)) messages.add(item);
  return [...(system === '' ? [] : [{ role: 'system', content: system } as const]), ...messages.end()];
};
