import type { TokenUsage } from '../../app-server-protocol/events.ts';
import type { ResponseItem, TurnError } from '../../app-server-protocol/index.ts';
import { createId } from '../ids.ts';
import type { LanguageModel, ModelAction, ModelEvent, ModelRequest } from '../model/model.ts';
import { type AppServerTelemetry, errorTypeOf, type Work } from '../telemetry/index.ts';
import type { Items } from './items.ts';
import type { Thread } from './thread.ts';
import { COMMAND_TOOL } from './tools.ts';
import type { ActiveTurn } from './turn.ts';
import { addTokenUsage } from './usage.ts';

const CONTEXT_WINDOW = 128_000;

/** What one call of the model came to. */
export type ModelResult =
  | { readonly type: 'answered' }
  | {
      readonly type: 'calls';
      readonly calls: readonly ModelAction[];
      /** Tells the client of the call's tokens, which waits until the calls have been answered. */
      readonly tellUsage: () => Promise<void>;
    }
  | { readonly type: 'failed'; readonly error: TurnError };

export interface ModelRequestContext {
  readonly thread: Thread;
  readonly turn: ActiveTurn;
  readonly items: Items;
  readonly telemetry: Pick<AppServerTelemetry, 'work'>;
}

type Heard = {
  readonly calls: ModelAction[];
  usage: TokenUsage | undefined;
  failure: TurnError | undefined;
};

const inTurn = ({ turn }: ModelRequestContext) => ({
  threadId: turn.info.threadId,
  turnId: turn.info.turnId,
});

const createListener = (context: ModelRequestContext, work: Work, heard: Heard) => {
  const { turn, items } = context;
  return async (event: ModelEvent): Promise<void> => {
    switch (event.type) {
      case 'text':
        work.firstToken();
        return items.text(event.delta, event.phase);
      case 'reasoning':
        work.firstToken();
        return items.reasoning(event.delta);
      case 'message_end':
        return items.close();
      case 'tool_call':
      case 'command':
        heard.calls.push(event);
        return items.close();
      case 'usage':
        work.usage(event.usage);
        heard.usage = event.usage;
        return;
      case 'retrying':
        items.abandon();
        return items.notify({
          method: 'error',
          params: { ...inTurn(context), error: event.error, willRetry: true },
        });
      case 'failed':
        heard.failure = event.error;
        return;
      case 'deaf':
        turn.deaf = true;
        return;
      case 'raw':
        turn.client.writeRaw(event.text);
    }
  };
};

const callItem = (call: ModelAction): ResponseItem =>
  call.type === 'tool_call'
    ? { type: 'function_call', call_id: call.callId, name: call.name, arguments: call.arguments }
    : {
        type: 'function_call',
        call_id: call.callId,
        name: COMMAND_TOOL,
        arguments: JSON.stringify({ command: call.command }),
      };

const tellUsage = async (context: ModelRequestContext, last: TokenUsage | undefined): Promise<void> => {
  const { thread, items } = context;
  if (!last) return;
  thread.total = addTokenUsage(thread.total, last);
  const tokenUsage = { total: thread.total, last, modelContextWindow: CONTEXT_WINDOW };
  await items.notify({ method: 'thread/tokenUsage/updated', params: { ...inTurn(context), tokenUsage } });
};

/** The end of the model's response: its calls are known, and none of them has been run. */
const closeResponse = async (context: ModelRequestContext, { calls, usage }: Heard): Promise<void> => {
  const { items, thread } = context;
  await items.close();
  await items.record(calls.map(callItem));
  if (!thread.settings.rawEvents) return;
  const responseId = `resp_${createId()}`;
  const params = { ...inTurn(context), responseId, usage: usage ?? null, usageMetadata: null };
  await items.notify({ method: 'rawResponse/completed', params });
};

/** Calls the model once and tells the client what it says, as it says it. */
export const requestModel = (
  context: ModelRequestContext,
  model: LanguageModel,
  request: ModelRequest,
): Promise<ModelResult> =>
  context.telemetry.work({ name: 'model_request', model: request.model }, async (work) => {
    const heard: Heard = { calls: [], usage: undefined, failure: undefined };
    await model.respond(request, createListener(context, work, heard), context.turn.stop.signal);
    if (heard.failure) {
      work.fail(errorTypeOf(heard.failure));
      await tellUsage(context, heard.usage);
      return { type: 'failed', error: heard.failure };
    }
    await closeResponse(context, heard);
    const { calls, usage } = heard;
    if (calls.length > 0) return { type: 'calls', calls, tellUsage: () => tellUsage(context, usage) };
    await tellUsage(context, usage);
    return { type: 'answered' };
  });
