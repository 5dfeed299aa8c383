import type { CallContext } from '../../../gateway/ports.ts';
import type { RelayRequest } from '../../../gateway/relay.ts';
import type { Tool, Turn } from '../../../gateway/turn.ts';
import type { UpstreamMessage } from './messages.ts';

const toChatTool = ({ name, description, parameters, strict }: Tool) => ({
  type: 'function',
  function: {
    name,
    ...(description !== null && { description }),
    parameters,
    ...(strict !== undefined && { strict }),
  },
});

const toChoice = (choice: NonNullable<Turn['toolChoice']>) =>
  choice === 'required' ? choice : { type: 'function', function: choice };

/** The fields for the tools of a turn. */
const toolFields = ({ tools, toolChoice, parallelToolCalls }: Turn) =>
  tools.length === 0
    ? {}
    : {
        tools: tools.map(toChatTool),
        ...(toolChoice !== null && { tool_choice: toChoice(toolChoice) }),
        ...(parallelToolCalls !== null && { parallel_tool_calls: parallelToolCalls }),
      };

/** Whether the client asked for usage. If not, `prepareBody` may still ask for it. */
const wantsUsage = ({ answer }: Turn): boolean => answer.api !== 'responses' && answer.includeUsage;

/** The body of `POST /chat/completions`. It always asks for a stream, so that the answer is passed on as it comes. */
const bodyOf = (turn: Turn, messages: readonly UpstreamMessage[]) => ({
  ...turn.settings,
  model: turn.model,
  messages,
  stream: true,
  ...(wantsUsage(turn) && { stream_options: { include_usage: true } }),
  ...toolFields(turn),
  ...(turn.format !== null && { response_format: turn.format }),
  ...(turn.effort !== null && { reasoning_effort: turn.effort }),
  ...(turn.stop.length > 0 && { stop: turn.stop }),
});

/** Headers that describe the client's own body and answer. */
const OWN = new Set(['content-type', 'content-length', 'content-encoding', 'accept']);
/** A second request with this key would get the first answer again. */
const ONCE = 'idempotency-key';

const headersOf = ({ headers = {} }: CallContext, isAgain: boolean): RelayRequest['headers'] => ({
  ...Object.fromEntries(
    Object.entries(headers).filter(([name]) => !OWN.has(name) && !(isAgain && name === ONCE)),
  ),
  'content-type': 'application/json',
  accept: 'text/event-stream',
});

/** A turn as a request of the Chat Completions API. `isAgain`: whether the turn has sent one before. */
export const chatRequestOf = (
  context: CallContext,
  turn: Turn,
  messages: readonly UpstreamMessage[],
  isAgain: boolean,
): RelayRequest => {
  const value = bodyOf(turn, messages);
  return {
    api: 'chat',
    method: 'POST',
    target: '/chat/completions',
    headers: headersOf(context, isAgain),
    body: { type: 'bytes', bytes: Buffer.from(JSON.stringify(value)) },
    value,
    model: turn.model,
    stream: true,
  };
};
