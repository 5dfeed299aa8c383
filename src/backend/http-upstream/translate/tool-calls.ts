import { GatewayError } from '../../../errors.ts';
import type { FinishReason, Tool, ToolCall } from '../../../gateway/turn.ts';
import { parsedJson } from '../json-shapes.ts';
import type { AnswerFacts } from '../read-along/answer-facts.ts';
import type { UpstreamMessage } from './messages.ts';

/** Each call is an event of the trace and a part of the answer. Models make a few. */
const MAX_CALLS = 256;

const endsEarly = (reason: FinishReason | undefined): boolean =>
  reason === 'length' || reason === 'content_filter';

/** Drops the last call if the answer was cut inside it. */
const wholeCalls = ({ calls, finishReasons: [reason] }: AnswerFacts): readonly ToolCall[] => {
  const last = calls.at(-1);
  return last && endsEarly(reason) && parsedJson(last.arguments) === undefined ? calls.slice(0, -1) : calls;
};

/**
 * The calls of an answer, as the model wrote them. Clients tell calls apart by their ids, so a call with a missing or
 * duplicate id gets a new one. Missing arguments become an empty object.
 */
export const callsOf = (facts: AnswerFacts, newId: () => string): readonly ToolCall[] => {
  const ids = new Set<string>();
  return wholeCalls(facts).map(({ callId: given, name, arguments: args }) => {
    const callId = given === '' || ids.has(given) ? newId() : given;
    ids.add(callId);
    return { callId, name, arguments: args || '{}' };
  });
};

export const tooManyCalls = (calls: readonly ToolCall[]): GatewayError | null =>
  calls.length > MAX_CALLS
    ? new GatewayError('backend_error', `The model called more than ${MAX_CALLS} tools in one answer.`)
    : null;

/** The finish reason. It is corrected by the calls: some servers say `stop` after calls, or `tool_calls` without any. */
export const finishReasonOf = (
  { finishReasons: [told = 'stop'] }: AnswerFacts,
  calls: readonly ToolCall[],
): FinishReason => {
  if (endsEarly(told)) return told;
  return calls.length > 0 ? 'tool_calls' : 'stop';
};

/** Whether a call names a tool that was not offered. */
export const callsUnknown = (calls: readonly ToolCall[], tools: readonly Tool[]): boolean => {
  const offered = new Set(tools.map(({ name }) => name));
  return calls.some(({ name }) => !offered.has(name));
};

const namesOf = (tools: readonly Tool[]): string =>
  tools.length === 0 ? 'there are no tools' : `the tools are ${tools.map(({ name }) => name).join(', ')}`;

const answerTo = ({ name }: ToolCall, tools: readonly Tool[]): string =>
  tools.some((tool) => tool.name === name)
    ? 'Not run, since another call was of a tool that does not exist. Call it again.'
    : `There is no tool of that name: ${namesOf(tools)}.`;

/** A call that was not run. `output`: what the model is told. */
interface RefusedCall {
  readonly call: ToolCall;
  readonly output: string;
}

export const refusalsOf = (calls: readonly ToolCall[], tools: readonly Tool[]): readonly RefusedCall[] =>
  calls.map((call) => ({ call, output: answerTo(call, tools) }));

/** The messages that repeat the refused calls and say why they were not run. `said`: the model's text before them. */
export const remindingMessages = (
  said: string,
  refused: readonly RefusedCall[],
): readonly UpstreamMessage[] => [
  {
    role: 'assistant',
    content: said === '' ? null : said,
    tool_calls: refused.map(({ call: { callId: id, name, arguments: args } }) => ({
      id,
      type: 'function',
      function: { name, arguments: args },
    })),
  },
  ...refused.map(
    ({ call, output }) => ({ role: 'tool', tool_call_id: call.callId, content: output }) as const,
  ),
];

export const unknownToolCalled = (): GatewayError =>
  new GatewayError('unknown_tool_called', 'The model called a tool that it does not have, in two tries.');
