import type { TurnError } from '../../app-server-protocol.ts';
import type { Model, ModelCall, ModelEvent, ModelRequest } from '../model/model.ts';
import { errorTypeOf, type Telemetry, type Work } from '../telemetry/index.ts';
import type { Items } from './items.ts';
import type { Thread } from './thread.ts';
import type { ActiveTurn } from './turn.ts';
import { addUsage } from './usage.ts';

const CONTEXT_WINDOW = 128_000;

/** What one call of the model came to. */
export type ModelResult =
  | { readonly type: 'answered' }
  | { readonly type: 'calls'; readonly calls: readonly ModelCall[] }
  | { readonly type: 'failed'; readonly error: TurnError };

export interface ModelRequestContext {
  readonly thread: Thread;
  readonly turn: ActiveTurn;
  readonly items: Items;
  readonly telemetry: Pick<Telemetry, 'work'>;
}

type Heard = { readonly calls: ModelCall[]; failure: TurnError | undefined };

const createListener = ({ thread, turn, items }: ModelRequestContext, work: Work, heard: Heard) => {
  const inTurn = { threadId: turn.info.threadId, turnId: turn.info.turnId };
  return async (event: ModelEvent): Promise<void> => {
    switch (event.type) {
      case 'text':
        work.firstToken();
        return items.text(event.delta);
      case 'reasoning':
        work.firstToken();
        return items.reasoning(event.delta);
      case 'message_end':
        return items.close();
      case 'tool_call':
      case 'command':
        heard.calls.push(event);
        return items.close();
      case 'usage': {
        work.usage(event.usage);
        thread.total = addUsage(thread.total, event.usage);
        const tokenUsage = { total: thread.total, last: event.usage, modelContextWindow: CONTEXT_WINDOW };
        return items.notify({ method: 'thread/tokenUsage/updated', params: { ...inTurn, tokenUsage } });
      }
      case 'retrying':
        return items.notify({ method: 'error', params: { ...inTurn, error: event.error, willRetry: true } });
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

/** Calls the model once and tells the client what it says, as it says it. */
export const requestModel = (
  context: ModelRequestContext,
  model: Model,
  request: ModelRequest,
): Promise<ModelResult> =>
  context.telemetry.work({ name: 'model_request', model: request.model }, async (work) => {
    const heard: Heard = { calls: [], failure: undefined };
    await model.respond(request, createListener(context, work, heard), context.turn.stop.signal);
    if (heard.failure) {
      work.fail(errorTypeOf(heard.failure));
      return { type: 'failed', error: heard.failure };
    }
    await context.items.close();
    return heard.calls.length > 0 ? { type: 'calls', calls: heard.calls } : { type: 'answered' };
  });
