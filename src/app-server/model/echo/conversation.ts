import type { ContentItem, ResponseItem } from '../../../app-server-protocol/index.ts';

/** A history, as the echo model sees it. */
export interface Conversation {
  /** The last user message. */
  readonly message: string;
  readonly images: number;
  /** How many messages came before it. */
  readonly earlier: number;
  /** What was done since that message, in order. */
  readonly results: readonly { readonly name: string; readonly output: string }[];
}

export const messageText = (content: readonly ContentItem[]): string =>
  content.map((part) => ('text' in part ? part.text : '')).join('');

const isUserMessage = (item: ResponseItem) => item.type === 'message' && item.role === 'user';

const resultsOf = (items: readonly ResponseItem[]) => {
  const names = new Map(
    items.flatMap((item) => (item.type === 'function_call' ? [[item.call_id, item.name]] : [])),
  );
  return items.flatMap((item) =>
    item.type === 'function_call_output'
      ? [{ name: names.get(item.call_id) ?? 'tool', output: item.output }]
      : [],
  );
};

/** Where the last user message is, or the length of the history where there is none. */
export const lastUserIndex = (history: readonly ResponseItem[]): number => {
  const index = history.findLastIndex(isUserMessage);
  return index < 0 ? history.length : index;
};

export const readConversation = (history: readonly ResponseItem[]): Conversation => {
  const at = lastUserIndex(history);
  const last = history[at];
  const content = last?.type === 'message' ? last.content : [];
  return {
    message: messageText(content),
    images: content.filter((part) => part.type === 'input_image').length,
    earlier: history.slice(0, at).filter((item) => item.type === 'message').length,
    results: resultsOf(last ? history.slice(at + 1) : history),
  };
};
