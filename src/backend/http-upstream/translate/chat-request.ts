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

/** What a turn asks of its tools. */
const toolFields = ({ tools, toolChoice, parallelToolCalls }: Turn) =>
  tools.length === 0
    ? {}
    : {
        tools: tools.map(toChatTool),
        ...(toolChoice !== null && { tool_choice: toChoice(toolChoice) }),
        ...(parallelToolCalls !== null && { parallel_tool_calls: parallelToolCalls }),
      };

/** Counts are asked for by whoever sends the request, where the server can tell them; a client may ask for them in any case. */
const wantsUsage = ({ answer }: Turn): boolean => answer.api !== 'responses' && answer.includeUsage;

/** The body of `POST /chat/completions`. The server is asked for a stream in any case: what it says is known as it says it. */
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

/** Of the client's own request, and not of this one. */
const OWN = new Set(['content-type', 'content-length', 'content-encoding', 'accept']);
/** A second request with the key of the first would get its answer again. */
const ONCE = 'idempotency-key';

const headersOf = ({ headers = {} }: CallContext, isAgain: boolean): RelayRequest['headers'] => ({
  ...Object.fromEntries(
    Object.entries(headers).filter(([name]) => !OWN.has(name) && !(isAgain && name === ONCE)),
  ),
  'content-type': 'application/json',
  accept: 'text/event-stream',
});

/** A turn as a request of the Chat Completions API. `isAgain`: the turn has sent one before. */
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
