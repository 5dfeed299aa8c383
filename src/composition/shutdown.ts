import { setTimeout as pause } from 'node:timers/promises';
import { toGatewayError } from '../errors.ts';
import type { Admission } from '../http/admission/admission.ts';
import type { Exchanges } from '../http/exchanges.ts';
import type { HttpServer } from '../http/server.ts';
import type { Telemetry } from '../telemetry/index.ts';
import type { Log } from '../telemetry/log.ts';

const BACKEND_GRACE_MS = 5_000;
/** How long its open requests may take to end. */
const LAST_ANSWERS_MS = 1_500;
/** How long a process that is broken may take to export what it knows. */
const LAST_EXPORT_MS = 3_000;
/** How long it may take to write down what it knows; nearly all of it is on the disk before. */
const LAST_WORDS_MS = 1_000;

/** What has to be ended, in whatever state the start left it. */
export interface Running {
  /** Undefined where the start did not get that far. */
  readonly server: () => HttpServer | undefined;
  readonly admission: Admission;
  readonly exchanges: Exchanges;
  readonly backend: { stop(graceMs: number): Promise<void>; abandon(): void };
  readonly telemetry: Telemetry;
  /** The mirror and the usage log. */
  readonly closeFiles: () => Promise<unknown>;
  readonly log: Log;
  readonly drainMs: number;
}

/** The ways in which a gateway ends. */
export interface Shutdown {
  readonly draining: boolean;
  /** In order: nothing new, what is open drained, backend ended, telemetry and files flushed. Twice is harmless. */
  stop(): Promise<void>;
  /** Ends what a start has begun that failed: as `stop`, without a word. */
  undo(): Promise<void>;
  /** For a process that cannot be trusted any more: ends the open requests, kills the backend and flushes what it can, in bounded time. */
  crash(thrown: unknown): Promise<void>;
  /** Closes files and log, in bounded time, kills the backend, and leaves the open requests as they are: for a process that ends at once. */
  abandon(): Promise<void>;
}

/** Resolves when the work has ended, well or not, or its time is over. */
const within = (ms: number, work: Promise<unknown>): Promise<unknown> =>
  Promise.race([work.catch(() => undefined), pause(ms)]);

export const createShutdown = (running: Running): Shutdown => {
  const { admission, exchanges, backend, telemetry, log } = running;
  let stopping: Promise<void> | undefined;
  let broken = false;

  const endAll = async (): Promise<void> => {
    // Still listening, so that probes and clients hear that they should go elsewhere.
    admission.close();
    await exchanges.drain(running.drainMs);
    const server = running.server();
    const stopped = server?.stopListening();
    // Requests that were refused meanwhile.
    await exchanges.drain(0);
    server?.closeConnections();
    await stopped;
    await backend.stop(BACKEND_GRACE_MS);
    await telemetry.shutdown();
    await running.closeFiles();
  };

  const shutDown = async (): Promise<void> => {
    log.logger.info(
      { open_requests: exchanges.open, drain_ms: running.drainMs },
      'stopping: what is open may end first; a second signal ends it at once',
    );
    await endAll();
    log.logger.info('stopped');
    await log.close();
  };

  const closeAll = async (): Promise<void> => {
    await within(LAST_WORDS_MS, running.closeFiles());
    await log.close();
  };

  return {
    get draining() {
      return broken || stopping !== undefined;
    },
    stop: () => (stopping ??= shutDown()),
    undo: () => (stopping ??= endAll().then(log.close)),
    async crash(thrown) {
      broken = true;
      admission.close();
      // An error, also where something else was thrown: the log shows of errors what the capture policy allows.
      const fault = thrown instanceof Error ? thrown : new Error(String(thrown));
      const error = fault.stack ?? fault.message;
      log.logger.fatal({ error: fault, open_requests: exchanges.open }, 'the gateway failed and ends');
      telemetry.connectionEvent('trace_error', { message: 'the gateway failed and ended', error });
      // Before the backend dies: the requests end because of the gateway, and say so.
      const said = exchanges.end(toGatewayError(thrown), LAST_ANSWERS_MS);
      backend.abandon();
      await said;
      await within(LAST_EXPORT_MS, telemetry.shutdown());
      // Last: a request that is refused meanwhile is written down too.
      await closeAll();
    },
    async abandon() {
      log.logger.warn({ open_requests: exchanges.open }, 'a second signal: ending at once');
      await closeAll();
      // Before the backend: its end would still be told to some of the clients, and not to others.
      running.server()?.closeConnections();
      backend.abandon();
    },
  };
};
