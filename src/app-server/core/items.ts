import type { ServerNotification } from '../../app-server-protocol/events.ts';
import type { ResponseItem } from '../../app-server-protocol/index.ts';
import type { ProtocolMessagePhase, ThreadItem } from '../../app-server-protocol/items.ts';
import { createId } from '../ids.ts';
import { appendHistory, broadcast, type Thread } from './thread.ts';
import type { ActiveTurn } from './turn.ts';

/** The items of one turn: what their client hears of them, and what the turn and the thread's history keep. */
export interface Items {
  readonly started: (item: ThreadItem) => Promise<void>;
  readonly completed: (item: ThreadItem) => Promise<void>;
  /** Both at once, of an item that takes no time. */
  readonly whole: (item: ThreadItem) => Promise<void>;
  readonly text: (delta: string, phase?: ProtocolMessagePhase) => Promise<void>;
  readonly reasoning: (delta: string) => Promise<void>;
  /** Completes the message or reasoning that is open. */
  readonly close: () => Promise<void>;
  /** Gives up the message or reasoning that is open: it is never completed. */
  readonly abandon: () => void;
  /** Puts what was said into the thread's history. */
  readonly record: (items: readonly ResponseItem[]) => Promise<void>;
  readonly notify: (notification: ServerNotification) => Promise<void>;
}

type Open = {
  readonly type: 'agentMessage' | 'reasoning';
  readonly id: string;
  readonly startedAtMs: number;
  readonly phase: ProtocolMessagePhase | undefined;
  text: string;
};

const itemOf = ({ type, id, startedAtMs, phase, text }: Open, completedAtMs: number | null): ThreadItem =>
  type === 'agentMessage'
    ? {
        ...{ type, id, text, startedAtMs, completedAtMs },
        ...{ phase: phase ?? null, moderation: null, memoryCitation: null, delivery: null, questions: null },
      }
    : { type, id, summary: text ? [text] : [], content: [], startedAtMs, completedAtMs };

const answerOf = ({ text, phase }: Open): ResponseItem => ({
  type: 'message',
  role: 'assistant',
  content: [{ type: 'output_text', text }],
  ...(phase && { phase }),
});

/** Makes `Items.record`: the client hears of each item where it asked for the model's own. */
const createRecord =
  (thread: Thread, { info: { threadId, turnId } }: ActiveTurn): Items['record'] =>
  async (said) => {
    appendHistory(thread, said);
    if (!thread.settings.rawEvents) return;
    for (const item of said) {
      await broadcast(thread, {
        method: 'rawResponseItem/completed',
        params: { threadId, turnId, item },
      });
    }
  };

export const createItems = (thread: Thread, turn: ActiveTurn): Items => {
  const { threadId, turnId } = turn.info;
  let open: Open | undefined;
  const notify = (notification: ServerNotification) => broadcast(thread, notification);

  const started = (item: ThreadItem) => {
    const startedAtMs = item.startedAtMs ?? Date.now();
    return notify({ method: 'item/started', params: { item, threadId, turnId, startedAtMs } });
  };
  const completed = (item: ThreadItem) => {
    turn.items.push(item);
    const completedAtMs = item.completedAtMs ?? Date.now();
    return notify({
      method: 'item/completed',
      params: { item, threadId, turnId, contentTokenCount: null, completedAtMs },
    });
  };

  const record = createRecord(thread, turn);

  const close = async () => {
    if (!open) return;
    const done = open;
    open = undefined;
    await completed(itemOf(done, Date.now()));
    if (done.type === 'agentMessage') await record([answerOf(done)]);
  };

  const opened = async (type: Open['type'], phase?: ProtocolMessagePhase): Promise<Open> => {
    if (open?.type === type) return open;
    await close();
    const item: Open = { type, id: createId(), startedAtMs: Date.now(), phase, text: '' };
    open = item;
    await started(itemOf(item, null));
    if (type === 'reasoning') {
      const params = { threadId, turnId, itemId: item.id, summaryIndex: 0 };
      await notify({ method: 'item/reasoning/summaryPartAdded', params });
    }
    return item;
  };

  return {
    started,
    completed,
    async whole(item) {
      await started(item);
      await completed(item);
    },
    async text(delta, phase) {
      const item = await opened('agentMessage', phase);
      item.text += delta;
      await notify({
        method: 'item/agentMessage/delta',
        params: { threadId, turnId, itemId: item.id, delta },
      });
    },
    async reasoning(delta) {
      const item = await opened('reasoning');
      item.text += delta;
      const params = { threadId, turnId, itemId: item.id, summaryIndex: 0, delta };
      await notify({ method: 'item/reasoning/summaryTextDelta', params });
    },
    close,
    abandon() {
      open = undefined;
    },
    record,
    notify,
  };
};
