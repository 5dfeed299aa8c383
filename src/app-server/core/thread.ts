import type { ServerNotification, TokenUsage } from '../../app-server-protocol/events.ts';
import type {
  DynamicTool,
  ProtocolTurn,
  ResponseItem,
  ThreadStatus,
} from '../../app-server-protocol/index.ts';
import { createId } from '../ids.ts';
import type { RpcClient } from '../rpc/client.ts';
import type { ActiveTurn } from './turn.ts';
import { NO_USAGE } from './usage.ts';

/** What `thread/start` settles for the thread's life. */
export interface ThreadSettings {
  readonly ephemeral: boolean;
  readonly cwd: string;
  readonly instructions: string;
  readonly tools: readonly DynamicTool[];
  /** Whether the client hears the model's own items and the ends of its responses. */
  readonly rawEvents: boolean;
  readonly approvalPolicy: 'untrusted' | 'on-request' | 'never';
  readonly sandbox: 'read-only' | 'workspace-write' | 'danger-full-access';
  readonly originator: string;
  readonly forkedFromId: string | null;
}

/** A conversation, held in memory alone: this server keeps nothing on disk. */
export interface Thread {
  readonly id: string;
  readonly settings: ThreadSettings;
  readonly createdAtMs: number;
  updatedAtMs: number;
  model: string;
  preview: string;
  status: ThreadStatus;
  total: TokenUsage;
  active: ActiveTurn | undefined;
  readonly history: ResponseItem[];
  /** Characters in `history`, `turns` and what the settings bring along, for the store's bound. */
  size: number;
  /** Turns that have ended; of threads that are not ephemeral. */
  readonly turns: ProtocolTurn[];
  readonly subscribers: Set<RpcClient>;
}

export const createThread = (settings: ThreadSettings, model: string): Thread => {
  const now = Date.now();
  return {
    id: createId(),
    settings,
    createdAtMs: now,
    updatedAtMs: now,
    model,
    preview: '',
    status: { type: 'idle' },
    total: NO_USAGE,
    active: undefined,
    history: [],
    size: settings.instructions.length + sizeOf(settings.tools),
    turns: [],
    subscribers: new Set(),
  };
};

/** What something takes of the store's bound: near enough, and counted once. */
export const sizeOf = (held: readonly object[]): number =>
  held.reduce((total: number, one) => total + JSON.stringify(one).length, 0);

export const appendHistory = (thread: Thread, items: readonly ResponseItem[]): void => {
  for (const item of items) thread.history.push(item);
  thread.size += sizeOf(items);
  thread.updatedAtMs = Date.now();
};

/** Puts `items` in place of all that was said, as a compaction does. */
export const replaceHistory = (thread: Thread, items: readonly ResponseItem[]): void => {
  thread.size -= sizeOf(thread.history);
  thread.history.length = 0;
  appendHistory(thread, items);
};

/** Keeps a turn that has ended, for `thread/read`; nobody reads an ephemeral thread again. */
export const keepTurn = (thread: Thread, turn: ProtocolTurn): void => {
  if (thread.settings.ephemeral) return;
  thread.turns.push(turn);
  thread.size += sizeOf([turn]);
};

/** Sends to every subscriber; resolves when all have room for more, which is what slows a turn for a slow reader. */
export const broadcast = async ({ subscribers }: Thread, notification: ServerNotification): Promise<void> => {
  const [first, ...others] = subscribers;
  // Mostly there is one, and a promise of all is made for each word.
  if (others.length === 0) return first?.notify(notification);
  await Promise.all([...subscribers].map((client) => client.notify(notification)));
};

export const setStatus = (thread: Thread, status: ThreadStatus): Promise<void> => {
  thread.status = status;
  return broadcast(thread, { method: 'thread/status/changed', params: { threadId: thread.id, status } });
};
