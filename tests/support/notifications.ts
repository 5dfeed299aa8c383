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
        cacheWriteInputTokens: 3,
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

export const rawCall = (callId: string, name: string, given = '{}', ids?: Ids): Notified => [
  'rawResponseItem/completed',
  { ...on(ids), item: { type: 'function_call', call_id: callId, name, arguments: given } },
];

export const rawOutput = (callId: string, ids?: Ids, output: unknown = 'x'): Notified => [
  'rawResponseItem/completed',
  { ...on(ids), item: { type: 'function_call_output', call_id: callId, output } },
];

export const rawResponseEnd = (totalTokens: number, ids?: Ids): Notified => [
  'rawResponse/completed',
  {
    ...on(ids),
    responseId: 'resp_1',
    usage: {
      totalTokens,
      inputTokens: totalTokens - 1,
      cachedInputTokens: 0,
      outputTokens: 1,
      reasoningOutputTokens: 0,
    },
    usageMetadata: null,
  },
];

/** The params of an `item/tool/call`. */
export const toolAsk = (callId: string, tool: string, given: unknown = {}, ids?: Ids) => ({
  ...on(ids),
  callId,
  tool,
  arguments: given,
  namespace: null,
});
