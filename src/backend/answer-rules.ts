import { GatewayError } from '../errors.ts';
import type { Expected, Tool } from '../gateway/turn.ts';

const namesOf = (tools: readonly Tool[]): string => tools.map(({ name }) => name).join(', ');

/** What the model is told of the answer that is expected. */
export const rulesOf = ({ mustCall, oneCall, isJson }: Expected, tools: readonly Tool[]): string =>
  [
    ...(mustCall
      ? [
          `Answer by calling ${tools.length === 1 ? 'the tool' : 'one of the tools'} ${namesOf(tools)}. Do not answer in text.`,
        ]
      : []),
    ...(oneCall ? ['Call at most one tool, and wait for its result before you call another.'] : []),
    ...(isJson ? ['Answer with one JSON object and nothing else: no text around it, no code fence.'] : []),
  ].join('\n');

/** What it is told when it has answered otherwise. */
export const reminderOf = (expected: Expected, tools: readonly Tool[]): string =>
  `${expected.mustCall ? 'You have not called a tool.' : 'Your answer was no JSON object.'} ${rulesOf(expected, tools)}`;

/** How a request ends whose model has answered otherwise twice. */
export const failureOf = ({ mustCall }: Expected): GatewayError =>
  mustCall
    ? new GatewayError(
        'tool_not_called',
        'The model did not call the tool that `tool_choice` demands, in two tries.',
      )
    : new GatewayError('invalid_json_answer', 'The model did not answer with a JSON object, in two tries.');
