import type { MessagePhase, ToolCall } from '../gateway/turn.ts';
import type { Output } from './answer.ts';

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

/** `ResponseOutputText` of the API. */
export const outputText = (text: string) => ({ type: 'output_text', annotations: [], logprobs: [], text });

/** `ResponseReasoningItem.Summary` of the API. */
export const summaryText = (text: string) => ({ type: 'summary_text', text });

/** `ResponseOutputMessage` of the API; without a text its one part has not begun. */
export const messageItem = (
  id: string,
  status: ItemStatus,
  text: string | null,
  phase: MessagePhase | undefined,
) => ({
  id,
  type: 'message',
  status,
  role: 'assistant',
  content: text === null ? [] : [outputText(text)],
  ...(phase && { phase }),
});

/** `ResponseReasoningItem` of the API. */
export const reasoningItem = (id: string, status: ItemStatus, summaries: readonly string[]) => ({
  id,
  type: 'reasoning',
  status,
  summary: summaries.map(summaryText),
});

/** `ResponseFunctionToolCall` of the API. */
export const functionCallItem = (id: string, status: ItemStatus, call: ToolCall) => ({
  id,
  type: 'function_call',
  status,
  call_id: call.callId,
  name: call.name,
  arguments: call.arguments,
});

export type OutputItem = ReturnType<typeof messageItem | typeof reasoningItem | typeof functionCallItem>;

/** The id of an item, from its type and its place in the answer. */
export const itemId = (prefix: 'msg' | 'rs' | 'fc', responseId: string, index: number): string =>
  `${prefix}_${responseId}_${index}`;

/** Parts of reasoning with nothing between them are the summaries of one item. */
type Group =
  | Exclude<Output, { type: 'reasoning' }>
  | { readonly type: 'reasoning'; readonly texts: string[] };

const grouped = (outputs: readonly Output[]): Group[] => {
  const groups: Group[] = [];
  for (const output of outputs) {
    const last = groups.at(-1);
    if (output.type !== 'reasoning') groups.push(output);
    else if (last?.type === 'reasoning') last.texts.push(output.text);
    else groups.push({ type: 'reasoning', texts: [output.text] });
  }
  return groups;
};

const toItem = (group: Group, responseId: string, index: number, status: ItemStatus): OutputItem => {
  switch (group.type) {
    case 'message':
      return messageItem(itemId('msg', responseId, index), status, group.text, group.phase);
    case 'reasoning':
      return reasoningItem(itemId('rs', responseId, index), status, group.texts);
    case 'tool_call':
      return functionCallItem(itemId('fc', responseId, index), 'completed', group);
  }
};

/** The items of a whole answer; `last` is the status of its last text, which the answer may have ended within. */
export const toItems = (outputs: readonly Output[], responseId: string, last: ItemStatus): OutputItem[] => {
  const groups = grouped(outputs);
  return groups.map((group, index) =>
    toItem(group, responseId, index, index === groups.length - 1 ? last : 'completed'),
  );
};
