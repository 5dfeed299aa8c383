import { asWords, itemsOf, type Members, membersOf } from '../json-shapes.ts';
import type { FactsBuilder } from './answer-facts.ts';
import { readError } from './read-error.ts';

const isCall = (item: Members): boolean => asWords(item['type']).endsWith('_call');

/** Adds a call that the client runs. The server has run the others. */
const readItem = (builder: FactsBuilder, item: Members): void => {
  const type = item['type'];
  if (type !== 'function_call' && type !== 'custom_tool_call') return;
  const id = asWords(item['call_id']) || asWords(item['id']);
  builder.calls.add(id, asWords(item['name']), item['arguments'] ?? item['input']);
};

/** The finish reason of a response, as Chat Completions names it; null if it has not ended well. */
const endOf = (builder: FactsBuilder, response: Members): string | null => {
  switch (response['status']) {
    case 'completed':
      return builder.facts.calls.length > 0 ? 'tool_calls' : 'stop';
    case 'incomplete':
      return asWords(membersOf(response['incomplete_details'])['reason']) || 'length';
    default:
      return null;
  }
};

/** Reads a whole response of the Responses API. */
export const readResponse = (builder: FactsBuilder, response: Members): void => {
  builder.takeHead(response);
  builder.takeUsage(response['usage']);
  for (const item of itemsOf(response['output'])) readItem(builder, membersOf(item));
  builder.takeEnd(0, endOf(builder, response));
  const hasFailed = response['status'] === 'failed';
  if (hasFailed || response['error']) builder.takeError(readError(response, hasFailed));
};

const TERMINAL = new Set(
  ['completed', 'incomplete', 'failed', 'cancelled'].map((status) => `response.${status}`),
);

/** What an event of the Responses API holds. */
export interface ResponseEvent {
  readonly terminal: boolean;
  /** Whether a part of the answer begins with it, such as a tool call, that has no text delta. */
  readonly beginsItem: boolean;
}

/** Reads an event of the Responses API. */
export const readResponseEvent = (builder: FactsBuilder, type: string, event: Members): ResponseEvent => {
  const response = membersOf(event['response']);
  const terminal = TERMINAL.has(type);
  if (terminal) {
    // If the status is missing, the event's name says it.
    readResponse(builder, { status: type.slice('response.'.length), ...response });
    builder.takeTerminal();
  } else builder.takeHead(response);
  const item = membersOf(event['item']);
  if (type === 'response.output_item.done') readItem(builder, item);
  const beginsItem =
    (type === 'response.output_item.added' && isCall(item)) ||
    (terminal && itemsOf(response['output']).length > 0);
  return { terminal, beginsItem };
};
