import type { ProtocolTurn, TurnError } from '../../app-server-protocol/index.ts';
import type { Diagnostics } from '../diagnostics.ts';
import { type LanguageModel, turnError } from '../model/model.ts';
import type { AppServerTelemetry, TurnOutcome } from '../telemetry/index.ts';
import { createItems } from './items.ts';
import { broadcast, keepTurn, setStatus, type Thread } from './thread.ts';
import { type ActiveTurn, summaryOf, viewOfEnd, viewOfStart } from './turn.ts';
import { runKind } from './turn-kinds.ts';

export interface LifecycleOptions {
  readonly telemetry: Pick<AppServerTelemetry, 'turn' | 'work'>;
  readonly modelFor: (name: string) => LanguageModel;
  readonly diagnostics: Diagnostics;
}

const errorOf = (outcome: TurnOutcome): TurnError | null =>
  outcome.type === 'failed' ? outcome.error : null;

/** The thread is free again before its client hears that the turn is over, and may start the next one. */
const free = (thread: Thread, turn: ActiveTurn, outcome: TurnOutcome): ProtocolTurn => {
  const view = viewOfEnd(turn, { status: outcome.type, error: errorOf(outcome) });
  thread.active = undefined;
  keepTurn(thread, view);
  return view;
};

const announceEnd = async (thread: Thread, turn: ActiveTurn, outcome: TurnOutcome): Promise<void> => {
  const { threadId, turnId } = turn.info;
  const view = free(thread, turn, outcome);
  await setStatus(thread, { type: outcome.type === 'failed' ? 'systemError' : 'idle' });
  if (outcome.type === 'failed') {
    await broadcast(thread, {
      method: 'error',
      params: { error: outcome.error, willRetry: false, threadId, turnId },
    });
  }
  await broadcast(thread, { method: 'turn/completed', params: { threadId, turn: summaryOf(view) } });
};

/** Makes the function that runs a turn from its first notification to its last, inside the turn's span; it never rejects. */
export const createTurnLifecycle = ({ telemetry, modelFor, diagnostics }: LifecycleOptions) => {
  const outcomeOf = async (thread: Thread, turn: ActiveTurn): Promise<TurnOutcome> => {
    const items = createItems(thread, turn);
    const model = modelFor(turn.request.model ?? thread.model);
    try {
      return await telemetry.work({ name: 'run_turn' }, () =>
        runKind({ thread, turn, items, telemetry, model }),
      );
    } catch (cause) {
      if (turn.stop.signal.aborted) return { type: 'interrupted' };
      diagnostics.error('a turn failed', {
        error: cause instanceof Error ? cause.name : 'unknown',
        ...turn.info,
      });
      return { type: 'failed', error: turnError('internal error', 'internalServerError') };
    }
  };

  return async (thread: Thread, turn: ActiveTurn): Promise<void> => {
    const { threadId } = turn.info;
    await telemetry.turn(turn.info, async () => {
      await setStatus(thread, { type: 'active', activeFlags: [] });
      await broadcast(thread, {
        method: 'turn/started',
        params: { threadId, turn: viewOfStart(turn, turn.startedAtMs) },
      });
      const outcome = await outcomeOf(thread, turn);
      await announceEnd(thread, turn, outcome);
      return outcome;
    });
  };
};
