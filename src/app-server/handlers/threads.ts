import type { Core } from '../core/index.ts';
import {
  appendHistory,
  broadcast,
  createThread,
  keepTurn,
  sizeOf,
  type Thread,
  type ThreadSettings,
} from '../core/thread.ts';
import type { ThreadStore } from '../core/thread-store.ts';
import type { RpcClient } from '../rpc/client.ts';
import {
  type Fields,
  readFields,
  readOptionalBoolean,
  readOptionalString,
  readString,
} from '../rpc/params.ts';
import type { Handlers } from '../rpc/request-boundary.ts';
import { readApprovalPolicy, readInstructions, readItems, readSandbox, readTools } from './thread-params.ts';
import { threadResponse, threadView } from './thread-views.ts';

export interface ThreadHandlerOptions {
  readonly store: ThreadStore;
  readonly core: Core;
  readonly defaultModel: string;
}

const readSettings = (fields: Fields, client: RpcClient): ThreadSettings => ({
  ephemeral: readOptionalBoolean(fields, 'ephemeral'),
  cwd: readOptionalString(fields, 'cwd') ?? process.cwd(),
  instructions: readInstructions(fields),
  tools: readTools(fields),
  rawEvents: readOptionalBoolean(fields, 'experimentalRawEvents'),
  approvalPolicy: readApprovalPolicy(fields),
  sandbox: readSandbox(fields),
  originator: client.identity()?.name ?? '',
  forkedFromId: null,
});

const announce = (thread: Thread): void => {
  // Behind the response, which carries the same thread.
  setImmediate(
    () => void broadcast(thread, { method: 'thread/started', params: { thread: threadView(thread) } }),
  );
};

const copyOf = (source: Thread, fields: Fields): Thread => {
  const ephemeral = readOptionalBoolean(fields, 'ephemeral');
  const model = readOptionalString(fields, 'model') ?? source.model;
  const thread = createThread({ ...source.settings, ephemeral, forkedFromId: source.id }, model);
  appendHistory(thread, source.history);
  thread.preview = source.preview;
  for (const turn of source.turns) keepTurn(thread, turn);
  return thread;
};

export const createThreadHandlers = ({ store, core, defaultModel }: ThreadHandlerOptions): Handlers => {
  const threadOf = (fields: Fields) => store.get(readString(fields, 'threadId'));
  const open = (thread: Thread, client: RpcClient) => {
    thread.subscribers.add(client);
    store.add(thread);
    announce(thread);
  };

  return {
    'thread/start'(params, client) {
      const fields = readFields(params);
      const thread = createThread(
        readSettings(fields, client),
        readOptionalString(fields, 'model') ?? defaultModel,
      );
      open(thread, client);
      return threadResponse(thread);
    },
    'thread/inject_items'(params) {
      const fields = readFields(params);
      const thread = threadOf(fields);
      const items = readItems(fields);
      store.reserve(thread, sizeOf(items));
      appendHistory(thread, items);
      return {};
    },
    'thread/resume'(params, client) {
      const fields = readFields(params);
      const thread = threadOf(fields);
      thread.subscribers.add(client);
      thread.model = readOptionalString(fields, 'model') ?? thread.model;
      const turns = readOptionalBoolean(fields, 'excludeTurns') ? [] : thread.turns;
      const paging = {
        collaborationMode: null,
        initialTurnsPage: null,
        turnsBackwardsCursor: null,
        itemsBackwardsCursor: null,
      };
      return { ...threadResponse(thread, turns), ...paging };
    },
    'thread/fork'(params, client) {
      const fields = readFields(params);
      const source = threadOf(fields);
      const thread = copyOf(source, fields);
      open(thread, client);
      return threadResponse(thread, readOptionalBoolean(fields, 'excludeTurns') ? [] : source.turns);
    },
    'thread/unsubscribe'(params, client) {
      const id = readString(readFields(params), 'threadId');
      const thread = store.all().find((known) => known.id === id);
      if (!thread) return { status: 'notLoaded' };
      if (!thread.subscribers.delete(client)) return { status: 'notSubscribed' };
      if (thread.settings.ephemeral && thread.subscribers.size === 0) {
        core.kill(thread);
        store.remove(thread);
      }
      return { status: 'unsubscribed' };
    },
  };
};
