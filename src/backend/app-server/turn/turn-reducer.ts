import { GatewayError } from '../../../errors.ts';
import type { TurnEvent } from '../../../gateway/turn.ts';
import { toTurnFailure } from './codex-errors.ts';
import type { TokenUsage, TurnNotification } from './notifications.ts';

/** Turns the app-server's notifications into what a turn says. One turn may hold several messages, commands and tool calls. */
export type TurnReducer = (notification: TurnNotification) => TurnEvent[];

/** When the context window is exceeded, Codex makes a total up that has no parts: that is no usage. */
const isInvented = ({ total }: TokenUsage): boolean =>
  total.totalTokens > 0 && total.inputTokens + total.outputTokens === 0;

/** A fresh thread starts from zero, so what the thread has used in all is what its one turn has used. */
const toUsage = ({ total }: TokenUsage): TurnEvent => ({
  type: 'usage',
  usage: {
    input_tokens: total.inputTokens,
    cached_input_tokens: total.cachedInputTokens,
    output_tokens: total.outputTokens,
    reasoning_output_tokens: total.reasoningOutputTokens,
    total_tokens: total.totalTokens,
  },
});

const MESSAGE_SEPARATOR = '\n\n';

export const createTurnReducer = (): TurnReducer => {
  const begun = new Set<string>();

  /** Messages of one turn become one answer, a blank line between them. */
  const text = (itemId: string, delta: string): TurnEvent[] => {
    if (delta === '') return [];
    const opensNext = !begun.has(itemId) && begun.size > 0;
    begun.add(itemId);
    return [{ type: 'text', delta: opensNext ? MESSAGE_SEPARATOR + delta : delta }];
  };

  return (notification) => {
    switch (notification.method) {
      case 'item/agentMessage/delta':
        return text(notification.params.itemId, notification.params.delta);
      case 'item/completed': {
        const { item } = notification.params;
        const unseen = item.type === 'agentMessage' && !begun.has(item.id);
        return unseen ? text(item.id, item.text ?? '') : [];
      }
      case 'item/reasoning/summaryTextDelta':
      case 'item/reasoning/textDelta':
        return [{ type: 'reasoning', delta: notification.params.delta }];
      case 'thread/tokenUsage/updated':
        return isInvented(notification.params.tokenUsage) ? [] : [toUsage(notification.params.tokenUsage)];
      case 'turn/completed':
        return [endOf(notification.params.turn)];
    }
  };
};

const endOf = ({
  status,
  error,
}: Extract<TurnNotification, { method: 'turn/completed' }>['params']['turn']): TurnEvent => {
  if (status === 'completed') return { type: 'done', finishReason: 'stop' };
  if (status === 'interrupted') {
    return { type: 'failed', error: new GatewayError('backend_error', 'The backend interrupted the turn.') };
  }
  return { type: 'failed', error: toTurnFailure(error) };
};
