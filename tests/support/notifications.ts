/** Notifications of an app-server, as pairs of method and params. */
export type Notified = [method: string, params: Record<string, unknown>];

type Ids = { threadId?: string; turnId?: string };

const on = ({ threadId = 'th', turnId = 't' }: Ids = {}) => ({ threadId, turnId });

export const textDelta = (delta: string, itemId = 'm1', ids?: Ids): Notified => [
  'item/agentMessage/delta',
  { ...on(ids), itemId, delta },
];

export const itemStarted = (item: Record<string, unknown>, ids?: Ids): Notified => [
  'item/started',
  { ...on(ids), item, startedAtMs: 1 },
];

export const itemCompleted = (item: Record<string, unknown>, ids?: Ids): Notified => [
  'item/completed',
  { ...on(ids), item, completedAtMs: 2 },
];

export const message = (id: string, text: string) => ({ type: 'agentMessage', id, text });

export const tokens = (totals: Record<string, unknown> = {}, ids?: Ids): Notified => [
  'thread/tokenUsage/updated',
  {
    ...on(ids),
    tokenUsage: {
      total: {
        totalTokens: 16,
        inputTokens: 10,
        cachedInputTokens: 4,
        cacheWriteInputTokens: 0,
        outputTokens: 6,
        reasoningOutputTokens: 2,
        ...totals,
      },
      last: {},
      modelContextWindow: null,
    },
  },
];

export const turnCompleted = (status = 'completed', error: unknown = null, ids?: Ids): Notified => [
  'turn/completed',
  { threadId: on(ids).threadId, turn: { id: on(ids).turnId, items: [], status, error } },
];

export const turnStarted = (ids?: Ids): Notified => [
  'turn/started',
  { threadId: on(ids).threadId, turn: { id: on(ids).turnId, items: [], status: 'inProgress', error: null } },
];
