import { randomUUID } from 'node:crypto';
import { type Core, createCore } from './core/index.ts';
import { createThreadStore } from './core/thread-store.ts';
import type { Diagnostics } from './diagnostics.ts';
import { createCatalogHandlers } from './handlers/catalog.ts';
import { initialize } from './handlers/initialize.ts';
import { createThreadCatalogHandlers } from './handlers/thread-catalog.ts';
import { createThreadHandlers } from './handlers/threads.ts';
import { createTurnHandlers } from './handlers/turns.ts';
import type { Models } from './model/models.ts';
import type { ClientOutput } from './rpc/client.ts';
import { type Connection, createConnection } from './rpc/connection.ts';
import { createRequestBoundary, type Handlers } from './rpc/request-boundary.ts';
import type { AppServerTelemetry, TransportName } from './telemetry/index.ts';

const MAX_THREADS = 1_000;
const MAX_THREAD_SIZE = 64 * 1024 * 1024;
const MAX_QUEUE = 1_000;

export interface ServerOptions {
  readonly telemetry: AppServerTelemetry;
  readonly models: Models;
  readonly diagnostics: Diagnostics;
  /** More methods: for tests. */
  readonly handlers?: Handlers;
}

export interface Server {
  /** Begins a conversation with a client over some transport. */
  readonly connect: (transport: TransportName, output: ClientOutput) => Connection;
  /** Stops all turns and waits until they have ended; twice is no harm. */
  readonly stop: () => Promise<void>;
}

/** The server without a transport: threads, core and handlers, wired. */
export const createServer = ({ telemetry, models, diagnostics, handlers = {} }: ServerOptions): Server => {
  const store = createThreadStore({
    maxThreads: MAX_THREADS,
    maxThreadSize: MAX_THREAD_SIZE,
    maxSize: 2 * MAX_THREAD_SIZE,
  });
  const core: Core = createCore({ telemetry, modelFor: models.find, diagnostics, maxQueue: MAX_QUEUE });
  const defaultModel = models.list[0].id;
  const table: Handlers = {
    initialize,
    ...createCatalogHandlers(models.list),
    ...createThreadHandlers({ store, core, defaultModel }),
    ...createThreadCatalogHandlers(store),
    ...createTurnHandlers(store, core),
    ...handlers,
  };

  return {
    connect(transport, output) {
      const answer = createRequestBoundary({ handlers: table, telemetry, transport, diagnostics });
      return createConnection({
        connectionId: randomUUID(),
        output,
        answer,
        diagnostics,
        onClose(client) {
          // A turn that nobody hears any more has nobody to answer its questions either.
          for (const thread of store.forget(client)) if (thread.subscribers.size === 0) core.kill(thread);
        },
      });
    },
    async stop() {
      for (const thread of store.all()) core.kill(thread);
      await core.settled();
    },
  };
};
