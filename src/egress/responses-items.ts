import type { MessagePhase, ToolCall, ToolForm } from '../gateway/turn.ts';
import type { Output } from './answer.ts';
import { type FormOf, freeInput, searchArguments } from './tool-forms.ts';

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

/** `ResponseFunctionToolCall` of the API, or what it calls a tool that is none there; `given` is false before the arguments are told. */
export const callItem = (
  id: string,
  status: ItemStatus,
  call: ToolCall,
  form: ToolForm | undefined,
  given = true,
) => {
  const head = { id, status, call_id: call.callId };
  switch (form?.type) {
    case 'custom':
      return { ...head, type: 'custom_tool_call', name: call.name, input: given ? freeInput(call) : '' };
    case 'search':
      return {
        ...head,
        type: 'tool_search_call',
        execution: 'client',
        arguments: given ? searchArguments(call) : {},
      };
    case 'namespaced':
    case undefined: {
      const name = form ? { name: form.name, namespace: form.namespace } : { name: call.name };
      return { ...head, type: 'function_call', ...name, arguments: given ? call.arguments : '' };
    }
  }
};

export type OutputItem = ReturnType<typeof messageItem | typeof reasoningItem | typeof callItem>;

const PREFIXES = { custom: 'ctc', search: 'tsc', namespaced: 'fc' } as const;

/** What the id of a call's item begins with. */
export const callPrefix = (form: ToolForm | undefined) => (form ? PREFIXES[form.type] : 'fc');

/** The id of an item, from its type and its place in the answer. */
export const itemId = (
  prefix: 'msg' | 'rs' | 'fc' | 'ctc' | 'tsc',
  responseId: string,
  index: number,
): string => `${prefix}_${responseId}_${index}`;

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

const toItem = (
  group: Group,
  formOf: FormOf,
  responseId: string,
  index: number,
  status: ItemStatus,
): OutputItem => {
  switch (group.type) {
    case 'message':
      return messageItem(itemId('msg', responseId, index), status, group.text, group.phase);
    case 'reasoning':
      return reasoningItem(itemId('rs', responseId, index), status, group.texts);
    case 'tool_call': {
      const form = formOf(group.name);
      return callItem(itemId(callPrefix(form), responseId, index), 'completed', group, form);
    }
  }
};

/** The items of a whole answer; `last` is the status of its last text, which the answer may have ended within. */
export const toOutputItems = (
  outputs: readonly Output[],
  formOf: FormOf,
  responseId: string,
  last: ItemStatus,
): OutputItem[] => {
  const groups = grouped(outputs);
  return groups.map((group, index) =>
    toItem(group, formOf, responseId, index, index === groups.length - 1 ? last : 'completed'),
  );
};
