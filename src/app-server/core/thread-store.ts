import type { RpcClient } from '../rpc/client.ts';
import { invalidRequest, RpcFailure } from '../rpc/failure.ts';
import type { Thread } from './thread.ts';

/** Sizes are in characters of what a thread holds: its history, instructions and tools. */
export interface ThreadStoreLimits {
  readonly maxThreads: number;
  readonly maxThreadSize: number;
  /** Of all threads; those that are small may come on top of it, and take at most half as much. */
  readonly maxSize: number;
}

export interface ThreadStore {
  /** Refuses where there are too many, and what `reserve` refuses. */
  readonly add: (thread: Thread) => void;
  /** Refuses with `thread not found`. */
  readonly get: (id: string) => Thread;
  readonly all: () => readonly Thread[];
  readonly remove: (thread: Thread) => void;
  /** Forgets a client that has left, and the ephemeral threads that only it had; gives the threads it was part of. */
  readonly forget: (client: RpcClient) => readonly Thread[];
  /**
   * Makes room for a thread to grow by so many characters: idle threads are forgotten, those first that were used longest ago. Refuses
   * a thread that would be too large, by itself or beside those that are in use.
   */
  readonly reserve: (thread: Thread, more: number) => void;
}

const overloaded = (what: string): RpcFailure =>
  new RpcFailure('overloaded', `Server overloaded: ${what}; retry later.`);

/** Nobody listens to it and no turn runs. A thread without a turn is in use all the same: its client is about to start one. */
const isIdle = ({ active, subscribers }: Thread): boolean => !active && subscribers.size === 0;

/** Holds the threads, within bounds: the gateway starts one for every request. */
export const createThreadStore = ({ maxThreads, maxThreadSize, maxSize }: ThreadStoreLimits): ThreadStore => {
  const threads = new Map<string, Thread>();
  const small = maxSize / (2 * maxThreads);

  const othersOf = (thread: Thread) => [...threads.values()].filter((other) => other !== thread);
  /** A thread leaves as much room as it takes: so large ones never fill the store, and a small one always fits. */
  const fits = (size: number, others: readonly Thread[]) =>
    size <= small || others.reduce((total, other) => total + other.size, 2 * size) <= maxSize;

  /** Forgets idle threads until it is enough, or none is left. */
  const makeRoom = (thread: Thread, isEnough: (others: readonly Thread[]) => boolean): boolean => {
    const idle = othersOf(thread)
      .filter(isIdle)
      .sort((a, b) => b.updatedAtMs - a.updatedAtMs);
    while (!isEnough(othersOf(thread))) {
      const oldest = idle.pop();
      if (!oldest) return false;
      threads.delete(oldest.id);
    }
    return true;
  };

  const reserve = (thread: Thread, more: number) => {
    const size = thread.size + more;
    if (size > maxThreadSize)
      throw invalidRequest(`the conversation is too large: over ${maxThreadSize} characters`);
    if (!makeRoom(thread, (others) => fits(size, others)))
      throw overloaded('no room for a conversation of this size beside the others');
  };

  return {
    add(thread) {
      if (!makeRoom(thread, (others) => others.length < maxThreads))
        throw overloaded('too many threads are in use');
      reserve(thread, 0);
      threads.set(thread.id, thread);
    },
    get(id) {
      const thread = threads.get(id);
      if (!thread) throw invalidRequest('thread not found');
      return thread;
    },
    all: () => [...threads.values()],
    remove: ({ id }) => void threads.delete(id),
    forget(client) {
      const left = [...threads.values()].filter(({ subscribers }) => subscribers.delete(client));
      for (const thread of left) {
        if (thread.settings.ephemeral && thread.subscribers.size === 0) threads.delete(thread.id);
      }
      return left;
    },
    reserve,
  };
};
