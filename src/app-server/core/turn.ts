import type { ContentItem, ProtocolTurn, TurnError, TurnStatus } from '../../app-server-protocol/index.ts';
import type { ThreadItem } from '../../app-server-protocol/items.ts';
import { createId } from '../ids.ts';
import type { RpcClient } from '../rpc/client.ts';
import type { TurnInfo } from '../telemetry/index.ts';

/** What starts a turn. */
export interface TurnRequest {
  readonly kind: TurnInfo['kind'];
  readonly input: readonly ContentItem[];
  readonly model: string | undefined;
  readonly effort: string | undefined;
  readonly outputSchema: unknown;
  /** What `enteredReviewMode` says; only of a review. */
  readonly review?: string;
}

/** A turn that has not ended. */
export interface ActiveTurn {
  readonly info: TurnInfo;
  readonly request: TurnRequest;
  /** Who started it, and is asked for tools and approvals. */
  readonly client: RpcClient;
  readonly stop: AbortController;
  readonly startedAtMs: number;
  /** Set by `/deaf`: interrupts are taken and not heeded. */
  deaf: boolean;
  readonly items: ThreadItem[];
  /** Input of `turn/steer` that the model has not seen yet. */
  readonly steering: ContentItem[][];
}

export const createTurn = (threadId: string, request: TurnRequest, client: RpcClient): ActiveTurn => ({
  info: { threadId, turnId: createId(), kind: request.kind },
  request,
  client,
  stop: new AbortController(),
  startedAtMs: Date.now(),
  deaf: false,
  items: [],
  steering: [],
});

interface Ending {
  readonly status: TurnStatus;
  readonly error?: TurnError | null;
}

const seconds = (ms: number) => Math.floor(ms / 1000);

/** The turn as its response and `turn/started` show it: without items, which come as notifications. */
export const viewOfStart = ({ info }: ActiveTurn, startedAtMs: number | null = null): ProtocolTurn => ({
  id: info.turnId,
  rootTurnId: info.turnId,
  items: [],
  itemsView: 'notLoaded',
  status: 'inProgress',
  error: null,
  startedAt: startedAtMs === null ? null : seconds(startedAtMs),
  completedAt: null,
  durationMs: null,
});

/** The turn as it ended, with all its items. */
export const viewOfEnd = (turn: ActiveTurn, { status, error = null }: Ending): ProtocolTurn => {
  const now = Date.now();
  return {
    ...viewOfStart(turn, turn.startedAtMs),
    items: [...turn.items],
    itemsView: 'full',
    status,
    error,
    completedAt: seconds(now),
    durationMs: now - turn.startedAtMs,
  };
};

/** `turn/completed` shows the last agent message alone, as the real server does. */
export const summaryOf = (turn: ProtocolTurn): ProtocolTurn => {
  const last = turn.items.findLast((item) => item.type === 'agentMessage');
  const done = turn.status === 'completed' && last;
  return { ...turn, items: done ? [last] : [], itemsView: done ? 'summary' : 'notLoaded' };
};
