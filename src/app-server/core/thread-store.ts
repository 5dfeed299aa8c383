import type { Client } from '../rpc/client.ts';
import { invalidRequest, RpcFailure } from '../rpc/failure.ts';
import type { Thread } from './thread.ts';

export interface ThreadStoreLimits {
  readonly maxThreads: number;
  /** Characters of history, over all threads. */
  readonly maxSize: number;
}

export interface ThreadStore {
  readonly add: (thread: Thread) => void;
  /** Refuses with `thread not found`. */
  readonly get: (id: string) => Thread;
  readonly all: () => readonly Thread[];
  readonly remove: (thread: Thread) => void;
  /** Forgets a client that has left, and the ephemeral threads that only it had; gives the threads it was part of. */
  readonly forget: (client: Client) => readonly Thread[];
  /** Makes room: the idle threads that were used longest ago go first. */
  readonly trim: () => void;
}

/** Holds the threads, within bounds: the gateway starts one for every request. */
export const createThreadStore = ({ maxThreads, maxSize }: ThreadStoreLimits): ThreadStore => {
  const threads = new Map<string, Thread>();
  const idle = () =>
    [...threads.values()].filter(({ active }) => !active).sort((a, b) => a.updatedAtMs - b.updatedAtMs);

  const trim = () => {
    let size = [...threads.values()].reduce((total, thread) => total + thread.size, 0);
    if (threads.size <= maxThreads && size <= maxSize) return;
    for (const thread of idle()) {
      if (threads.size <= maxThreads && size <= maxSize) return;
      threads.delete(thread.id);
      size -= thread.size;
    }
  };

  return {
    add(thread) {
      const busy = [...threads.values()].filter(({ active }) => active).length;
      if (busy >= maxThreads) throw new RpcFailure('overloaded', 'Server overloaded; retry later.');
      threads.set(thread.id, thread);
      trim();
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
    trim,
  };
};
