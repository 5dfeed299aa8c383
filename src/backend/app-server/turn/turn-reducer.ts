import { GatewayError } from '../../../errors.ts';
import type { MessagePhase, TurnEvent } from '../../../gateway/turn.ts';
import { toTurnEnd } from './codex-errors.ts';
import { type NotifiedItem, phaseOf, type TokenUsageUpdate, type TurnNotification } from './notifications.ts';
import { usageOf } from './token-usage.ts';

/** Turns the app-server's notifications into what a turn says. One turn may hold several messages, commands and tool calls. */
export type TurnReducer = (notification: TurnNotification) => TurnEvent[];

/** When the context window is exceeded, Codex makes a total up that has no parts: that is no usage. */
const isInvented = ({ total }: TokenUsageUpdate): boolean =>
  total.totalTokens > 0 && total.inputTokens + total.outputTokens === 0;

/** A fresh thread starts from zero, so what the thread has used in all is what its one turn has used. */
const toUsage = ({ total }: TokenUsageUpdate): TurnEvent => ({ type: 'usage', usage: usageOf(total) });

/** Counts things by the order in which they are first seen. */
const createCounter = () => {
  const seen = new Map<string, number>();
  return {
    get size() {
      return seen.size;
    },
    has: (key: string) => seen.has(key),
    indexOf(key: string): number {
      const index = seen.get(key) ?? seen.size;
      seen.set(key, index);
      return index;
    },
  };
};

/** What has been said by items that are not complete. */
const createUnfinished = () => {
  const items = new Map<number, string>();
  return {
    add: (index: number, itemId: string) => void items.set(index, itemId),
    complete(itemId: string) {
      for (const [index, item] of items) if (item === itemId) items.delete(index);
    },
    /** Empties it, and says which they were. */
    giveUp(): number[] {
      const indexes = [...items.keys()];
      items.clear();
      return indexes;
    },
  };
};

export const createTurnReducer = (): TurnReducer => {
  const messages = createCounter();
  const thoughts = createCounter();
  const openMessages = createUnfinished();
  const openThoughts = createUnfinished();
  /** How many messages were given up. */
  let lost = 0;

  /** A message says what it is meant as when it begins, before its text. */
  const phases = new Map<string, MessagePhase>();

  const text = (itemId: string, delta: string): TurnEvent[] => {
    if (delta === '') return [];
    const phase = phases.get(itemId);
    const message = messages.indexOf(itemId);
    openMessages.add(message, itemId);
    return [phase ? { type: 'text', delta, message, phase } : { type: 'text', delta, message }];
  };

  /** A request to the model that broke off is made again: it says all anew, as new items, and never completes the old ones. */
  const retry = (): TurnEvent[] => {
    const givenUp = { messages: openMessages.giveUp(), parts: openThoughts.giveUp() };
    lost += givenUp.messages.length;
    const isAny = givenUp.messages.length + givenUp.parts.length > 0;
    return isAny ? [{ type: 'given_up', ...givenUp }] : [];
  };

  const learn = (item: NotifiedItem): void => {
    const phase = phaseOf(item);
    if (phase) phases.set(item.id, phase);
  };

  return (notification) => {
    switch (notification.method) {
      case 'item/agentMessage/delta':
        return text(notification.params.itemId, notification.params.delta);
      case 'item/started':
        learn(notification.params.item);
        return [];
      case 'item/completed': {
        const { item } = notification.params;
        learn(item);
        const unseen = item.type === 'agentMessage' && !messages.has(item.id);
        const said = unseen ? text(item.id, item.text ?? '') : [];
        for (const open of [openMessages, openThoughts]) open.complete(item.id);
        return said;
      }
      case 'item/reasoning/summaryTextDelta':
      case 'item/reasoning/textDelta': {
        const { itemId, delta, summaryIndex, contentIndex } = notification.params;
        const part = thoughts.indexOf(`${itemId} ${summaryIndex ?? ''} ${contentIndex ?? ''}`);
        if (delta === '') return [];
        openThoughts.add(part, itemId);
        return [{ type: 'reasoning', delta, part }];
      }
      case 'thread/tokenUsage/updated':
        return isInvented(notification.params.tokenUsage) ? [] : [toUsage(notification.params.tokenUsage)];
      case 'error':
        return notification.params.willRetry ? retry() : [];
      case 'turn/completed':
        return [endOf(notification.params.turn, messages.size > lost)];
    }
  };
};

const endOf = (
  { status, error }: Extract<TurnNotification, { method: 'turn/completed' }>['params']['turn'],
  textBegan: boolean,
): TurnEvent => {
  if (status === 'completed') return { type: 'done', finishReason: 'stop' };
  if (status === 'interrupted') {
    return { type: 'failed', error: new GatewayError('backend_error', 'The backend interrupted the turn.') };
  }
  return toTurnEnd(error, textBegan);
};
