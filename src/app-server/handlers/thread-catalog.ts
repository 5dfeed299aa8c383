import type { Thread } from '../core/thread.ts';
import type { ThreadStore } from '../core/thread-store.ts';
import {
  type Fields,
  readFields,
  readOptionalBoolean,
  readOptionalCount,
  readOptionalString,
  readString,
} from '../rpc/params.ts';
import type { Handlers } from '../rpc/request-boundary.ts';
import { threadView } from './thread-views.ts';

const DEFAULT_PAGE = 25;

/** Newest first; ephemeral threads are nobody's to find again. */
const page = (threads: readonly Thread[], fields: Fields) => {
  const limit = readOptionalCount(fields, 'limit') ?? DEFAULT_PAGE;
  const cursor = readOptionalString(fields, 'cursor');
  const listed = threads.filter(({ settings }) => !settings.ephemeral).reverse();
  const from = cursor === undefined ? 0 : listed.findIndex(({ id }) => id === cursor) + 1;
  const found = listed.slice(from, from + limit);
  const nextCursor = from + limit < listed.length ? (found.at(-1)?.id ?? null) : null;
  return {
    data: found.map((thread) => threadView(thread)),
    readStates: {},
    nextCursor,
    backwardsCursor: found[0]?.id ?? null,
  };
};

/** Looking at threads without touching them. */
export const createThreadCatalogHandlers = (store: ThreadStore): Handlers => ({
  'thread/loaded/list'(params) {
    const fields = readFields(params);
    const ids = store.all().map(({ id }) => id);
    const from = ids.indexOf(readOptionalString(fields, 'cursor') ?? '') + 1;
    const data = ids.slice(from, from + (readOptionalCount(fields, 'limit') ?? ids.length));
    return { data, nextCursor: from + data.length < ids.length ? (data.at(-1) ?? null) : null };
  },
  'thread/list': (params) => page(store.all(), readFields(params)),
  'thread/read'(params) {
    const fields = readFields(params);
    const thread = store.get(readString(fields, 'threadId'));
    return {
      thread: threadView(thread, readOptionalBoolean(fields, 'includeTurns') ? thread.turns : []),
      readState: null,
    };
  },
});
