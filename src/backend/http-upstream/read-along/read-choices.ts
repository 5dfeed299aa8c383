import { isMembers, itemsOf, type Members, membersOf } from '../json-shapes.ts';
import type { FactsBuilder } from './answer-facts.ts';
import { errorOfChoice } from './read-error.ts';

/** The one function call of a message in the API's older form. */
const olderCall = (message: Members): readonly unknown[] =>
  isMembers(message['function_call']) ? [{ function: message['function_call'] }] : [];

/** Reads one choice. True if it holds a tool call. */
const readChoice = (builder: FactsBuilder, choice: Members, position: number): boolean => {
  const number = typeof choice['index'] === 'number' ? choice['index'] : position;
  const message = membersOf(choice['delta'] ?? choice['message']);
  builder.takeUsage(choice['usage']);
  builder.takeError(errorOfChoice(choice));
  builder.takeEnd(number, choice['finish_reason']);
  const hasCalls = builder.calls.take(number, message['tool_calls']);
  return builder.calls.take(number, olderCall(message)) || hasCalls;
};

/** Reads a chunk or a whole answer of Chat Completions or Completions. True if it holds a tool call. */
export const readChoices = (builder: FactsBuilder, value: Members): boolean => {
  builder.takeHead(value);
  builder.takeUsage(value['usage']);
  builder.takeUsage(membersOf(value['x_groq'])['usage']);
  const calls = itemsOf(value['choices']).map((choice, at) => readChoice(builder, membersOf(choice), at));
  return calls.includes(true);
};

/** Whether a chunk holds usage and nothing else: a client that did not ask for usage does not expect it. */
export const isUsageAlone = (value: Members): boolean =>
  isMembers(value['usage']) && itemsOf(value['choices']).length === 0 && !value['error'];
