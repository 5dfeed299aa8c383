import type { ContentItem } from '../../app-server-protocol/index.ts';
import type { UserInput } from '../../app-server-protocol/items.ts';
import { createId } from '../ids.ts';
import type { LanguageModel, ModelRequest } from '../model/model.ts';
import type { AppServerTelemetry, TurnOutcome } from '../telemetry/index.ts';
import type { Items } from './items.ts';
import { type ModelResult, requestModel } from './model-request.ts';
import type { Thread } from './thread.ts';
import { executeTool } from './tools.ts';
import type { ActiveTurn } from './turn.ts';

export interface TurnContext {
  readonly thread: Thread;
  readonly turn: ActiveTurn;
  readonly items: Items;
  readonly telemetry: Pick<AppServerTelemetry, 'work'>;
  readonly model: LanguageModel;
}

const asInput = (part: ContentItem): UserInput =>
  part.type === 'input_image'
    ? { type: 'image', url: part.image_url }
    : { type: 'text', text: part.text, text_elements: [] };

/** The user's message as an item, and as what the model sees. Nothing for an empty one: the turn goes on from the history. */
export const addUserMessage = async (
  { items }: TurnContext,
  content: readonly ContentItem[],
): Promise<void> => {
  if (content.length === 0) return;
  await items.record([{ type: 'message', role: 'user', content }]);
  const now = Date.now();
  const times = { startedAtMs: now, completedAtMs: now };
  await items.whole({
    type: 'userMessage',
    id: createId(),
    clientId: null,
    content: content.map(asInput),
    ...times,
  });
};

export const modelRequestOf = ({ thread, turn }: TurnContext): ModelRequest => ({
  model: turn.request.model ?? thread.model,
  instructions: thread.settings.instructions,
  history: [...thread.history],
  tools: turn.info.kind === 'regular' ? thread.settings.tools : [],
  effort: turn.request.effort,
  outputSchema: turn.request.outputSchema,
});

/** Does what the model asked for, all of it at once. Only then the client hears of the call's tokens, as from the real server. */
const execute = async (
  context: TurnContext,
  { calls, tellUsage }: Extract<ModelResult, { type: 'calls' }>,
): Promise<void> => {
  const outputs = await Promise.all(
    calls.map(async (call) => ({ call_id: call.callId, output: await executeTool(context, call) })),
  );
  await context.items.record(outputs.map((output) => ({ type: 'function_call_output', ...output })));
  await tellUsage();
};

/** Brings the input of `turn/steer` in between two calls of the model. */
const takeSteering = async (context: TurnContext): Promise<boolean> => {
  const given = context.turn.steering.splice(0);
  for (const content of given) await addUserMessage(context, content);
  return given.length > 0;
};

/** True where the model is to be called again. */
const goesOn = async (context: TurnContext, result: ModelResult): Promise<boolean> => {
  switch (result.type) {
    case 'failed':
      return false;
    case 'calls':
      await execute(context, result);
      await takeSteering(context);
      return true;
    case 'answered':
      return takeSteering(context);
  }
};

/** The loop of a turn: the model, then what it asked for, then the model again, until it has answered. */
export const runTurn = async (context: TurnContext): Promise<TurnOutcome> => {
  const { signal } = context.turn.stop;
  for (;;) {
    const result = await requestModel(context, context.model, modelRequestOf(context));
    if (result.type === 'failed') return result;
    if (!(await goesOn(context, result))) return { type: 'completed' };
    if (signal.aborted) return { type: 'interrupted' };
  }
};
