import { GatewayError, toGatewayError } from '../../../errors.ts';
import type { WorkerExit } from './process.ts';
import { type ConnectionTrace, startWorker, type Worker, type WorkerSettings } from './worker.ts';

/** Keeps one worker running, and starts it again when it dies. */
export interface Supervisor {
  /** The worker, once it is ready; rejects when it cannot be had, or with the signal's reason. */
  worker(signal?: AbortSignal): Promise<Worker>;
  readonly state: { readonly ready: boolean; readonly restarts: number; readonly pid: number | null };
  stop(graceMs: number): Promise<void>;
  /** Kills the worker's processes at once. */
  abandon(): void;
}

interface SupervisorOptions {
  readonly settings: WorkerSettings;
  readonly trace: ConnectionTrace;
  onExit(exit: WorkerExit): void;
  /** A worker that had died, or could not be had, is there again. */
  onReady?(restarts: number): void;
}

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 10_000;
const STABLE_AFTER_MS = 10_000;

/** Rejects with the signal's reason when there is nothing to wait for any more. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', giveUp);
      resolve();
    }, ms);
    const giveUp = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    signal.addEventListener('abort', giveUp, { once: true });
  });

export const createSupervisor = ({ settings, trace, onExit, onReady }: SupervisorOptions): Supervisor => {
  let restarts = 0;
  let delayMs = FIRST_DELAY_MS;
  const stopping = new AbortController();
  let ready: Worker | null = null;
  let starting: Promise<Worker>;

  const launch = async (): Promise<Worker> => {
    const worker = await startWorker(settings, trace, stopping.signal);
    ready = worker;
    if (restarts > 0) onReady?.(restarts);
    void worker.exited.then(afterExit);
    return worker;
  };

  const afterExit = (exit: WorkerExit): void => {
    ready = null;
    if (stopping.signal.aborted) return;
    onExit(exit);
    if (exit.uptime_ms > STABLE_AFTER_MS) delayMs = FIRST_DELAY_MS;
    restart();
  };

  /** Callers wait for the attempt that is under way; after a failed one the next follows, ever later. */
  const restart = (): void => {
    restarts++;
    const wait = delayMs;
    delayMs = Math.min(delayMs * 2, MAX_DELAY_MS);
    attempt(pause(wait, stopping.signal).then(launch));
  };

  const attempt = (started: Promise<Worker>): void => {
    starting = started;
    started.catch(() => {
      if (!stopping.signal.aborted && restarts > 0) restart();
    });
  };

  attempt(launch());

  return {
    async worker(signal) {
      stopping.signal.throwIfAborted();
      signal?.throwIfAborted();
      const { promise, reject } = Promise.withResolvers<never>();
      const giveUp = (): void => reject(signal?.reason);
      signal?.addEventListener('abort', giveUp, { once: true });
      return Promise.race([starting, promise])
        .catch((thrown: unknown) => {
          stopping.signal.throwIfAborted();
          throw toGatewayError(thrown);
        })
        .finally(() => signal?.removeEventListener('abort', giveUp));
    },
    get state() {
      return { ready: ready !== null, restarts, pid: ready?.pid ?? null };
    },
    abandon: () => ready?.kill(),
    async stop(graceMs) {
      stopping.abort(new GatewayError('shutting_down', 'The gateway is shutting down.'));
      await ready?.stop(graceMs);
      await starting.catch(() => undefined);
    },
  };
};
