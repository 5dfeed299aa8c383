import { isMembers, itemsOf, type Members, membersOf } from '../json-shapes.ts';
import type { FactsBuilder } from './answer-facts.ts';
import { errorOfChoice } from './read-error.ts';

/** The one function call of a message in the API's older form. */
const olderCall = (message: Members): readonly unknown[] =>
  isMembers(message['function_call']) ? [{ function: message['function_call'] }] : [];

/** One choice of a chunk or of a whole answer. True where a call of a tool is in it. */
const readChoice = (builder: FactsBuilder, choice: Members, position: number): boolean => {
  const number = typeof choice['index'] === 'number' ? choice['index'] : position;
  const message = membersOf(choice['delta'] ?? choice['message']);
  builder.takeUsage(choice['usage']);
  builder.takeError(errorOfChoice(choice));
  builder.takeEnd(number, choice['finish_reason']);
  const hasCalls = builder.calls.take(number, message['tool_calls']);
  return builder.calls.take(number, olderCall(message)) || hasCalls;
};

/** Reads a chunk, or a whole answer, of the Chat Completions and the Completions API. True where a call of a tool is in it. */
export const readChoices = (builder: FactsBuilder, value: Members): boolean => {
  builder.takeHead(value);
  builder.takeUsage(value['usage']);
  builder.takeUsage(membersOf(value['x_groq'])['usage']);
  const calls = itemsOf(value['choices']).map((choice, at) => readChoice(builder, membersOf(choice), at));
  return calls.includes(true);
};

/** Whether a chunk has usage and nothing else: the gateway asks for it where the client has not. */
export const isUsageAlone = (value: Members): boolean =>
  isMembers(value['usage']) && itemsOf(value['choices']).length === 0 && !value['error'];
