import type { TurnError } from '../../app-server-protocol/index.ts';
import { createId } from '../ids.ts';
import type { ModelEvent } from '../model/model.ts';
import { errorTypeOf, type TurnOutcome } from '../telemetry/index.ts';
import { addUserMessage, modelRequestOf, runTurn, type TurnContext } from './run-turn.ts';
import { replaceHistory } from './thread.ts';

const SUMMARIZE = 'Summarize the conversation so far.';

const regular = async (context: TurnContext): Promise<TurnOutcome> => {
  await addUserMessage(context, context.turn.request.input);
  return runTurn(context);
};

const lastAnswer = ({ turn }: TurnContext): string =>
  turn.items.findLast((item) => item.type === 'agentMessage')?.text ?? '';

/** A turn between two markers: the model gets what to review as its prompt. */
const review = async (context: TurnContext): Promise<TurnOutcome> => {
  const { items, turn } = context;
  await items.whole({ type: 'enteredReviewMode', id: createId(), review: turn.request.review ?? '' });
  const outcome = await regular(context);
  if (outcome.type === 'completed') {
    await items.whole({ type: 'exitedReviewMode', id: createId(), review: lastAnswer(context) });
  }
  return outcome;
};

/** The model's summary takes the place of the history; the client hears of the compaction, not of the summary. */
const compact = async (context: TurnContext): Promise<TurnOutcome> => {
  const { items, thread, turn, telemetry, model } = context;
  const { signal } = turn.stop;
  const item = {
    type: 'contextCompaction' as const,
    id: createId(),
    startedAtMs: Date.now(),
    completedAtMs: null,
  };
  await items.started(item);
  const prompt = {
    type: 'message' as const,
    role: 'user',
    content: [{ type: 'input_text' as const, text: SUMMARIZE }],
  };
  const request = modelRequestOf(context);
  const summary = await telemetry.work({ name: 'model_request', model: request.model }, async (work) => {
    const heard: { text: string; error: TurnError | undefined } = { text: '', error: undefined };
    const listen = async (event: ModelEvent) => {
      if (event.type === 'text') heard.text += event.delta;
      if (event.type === 'usage') work.usage(event.usage);
      if (event.type === 'failed') heard.error = event.error;
    };
    await model.respond({ ...request, history: [...request.history, prompt] }, listen, signal);
    if (heard.error) work.fail(errorTypeOf(heard.error));
    return heard;
  });
  if (summary.error) return { type: 'failed', error: summary.error };
  const content = [
    { type: 'input_text' as const, text: `Summary of the conversation so far: ${summary.text}` },
  ];
  replaceHistory(thread, [{ type: 'message', role: 'user', content }]);
  await items.completed({ ...item, completedAtMs: Date.now() });
  return { type: 'completed' };
};

/** Runs a turn of its kind. */
export const runKind = (context: TurnContext): Promise<TurnOutcome> => {
  switch (context.turn.info.kind) {
    case 'regular':
      return regular(context);
    case 'review':
      return review(context);
    case 'compact':
      return compact(context);
  }
};
