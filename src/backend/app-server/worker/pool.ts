import { GatewayError, toGatewayError } from '../../../errors.ts';
import { abortable } from '../../work-deadline.ts';
import { createChangeWaiters } from './change-waiters.ts';
import { createSupervisor, type Supervisor, type SupervisorOptions } from './supervisor.ts';
import type { SupervisorNotes } from './supervisor-notes.ts';
import { systemTiming, type Timing } from './timing.ts';
import type { Worker } from './worker.ts';
import type { WorkerReport } from './worker-phase.ts';

/** How the backend is, for people and probes; nothing secret. */
export interface BackendState {
  /** True while at least one worker takes turns. */
  readonly ready: boolean;
  /** None has been ready yet, and at least one has attempts left. */
  readonly starting: boolean;
  /** Of all workers since the start. */
  readonly restarts: number;
  readonly workers: readonly WorkerReport[];
}

/** A worker that was chosen for a request. It counts as busy with it until `end`; twice is harmless. */
export interface WorkerUse {
  readonly worker: Worker;
  end(): void;
}

/** The workers, each supervised alone. */
export interface WorkerPool {
  /** Resolves when the first worker is ready, however often it has to be tried; rejects when their command cannot be started at all. */
  started(signal: AbortSignal): Promise<void>;
  /**
   * The worker with the least to do, as soon as one is ready. Rejects with the signal's reason, with `shutting_down`, or with
   * `backend_unavailable` once it is known that none will be ready within `withinMs`, which the signal is to bound.
   */
  use(signal: AbortSignal, withinMs: number): Promise<WorkerUse>;
  /** For a request that no worker was ready for: when to come back. */
  unavailable(): GatewayError;
  readonly state: BackendState;
  /** Ends all workers. Twice is harmless. */
  stop(graceMs: number): Promise<void>;
  /** Kills the workers' processes at once. */
  abandon(): void;
}

interface PoolOptions extends Pick<SupervisorOptions, 'start' | 'maxRestarts' | 'beforeEnd'> {
  readonly workers: number;
  readonly notes: SupervisorNotes;
  readonly timing?: Timing;
}

const unavailableFor = (retryInMs: number): GatewayError =>
  new GatewayError('backend_unavailable', 'The backend is not available; it is being started again.', {
    headers: { 'retry-after': String(Math.max(1, Math.ceil(retryInMs / 1000))) },
  });

export const createWorkerPool = (options: PoolOptions): WorkerPool => {
  const { workers, timing = systemTiming, ...supervision } = options;
  /** Requests that no worker was ready for. */
  const line = createChangeWaiters<WorkerUse>();
  let stopping = false;
  let everReady = false;

  const hasStarted = (): boolean => (everReady ||= supervisors.some(({ worker }) => worker !== null));
  const supervisors: readonly Supervisor[] = Array.from({ length: workers }, (_, number) =>
    createSupervisor({ ...supervision, number, timing, hasStarted, onChange: line.lookAgain }),
  );

  const retryInMs = (): number => Math.min(...supervisors.map((supervisor) => supervisor.retryInMs));
  const unavailable = (): GatewayError => unavailableFor(retryInMs());
  const choose = (): WorkerUse | null => {
    const ready = supervisors.map(({ worker }) => worker).filter((worker) => worker !== null);
    const [first, ...others] = ready;
    if (!first) return null;
    const worker = others.reduce((best, each) => (each.load.count < best.load.count ? each : best), first);
    return { worker, end: worker.load.enter() };
  };

  /** A worker, or why there is none soon enough; null while it is worth waiting. */
  const look = (deadlineMs: number): WorkerUse | GatewayError | null => {
    if (stopping) return new GatewayError('shutting_down', 'The gateway is shutting down.');
    const use = choose();
    if (use) return use;
    return timing.now() + retryInMs() > deadlineMs ? unavailable() : null;
  };

  const started = Promise.race(supervisors.map((supervisor) => supervisor.started)).then(() => {
    everReady = true;
  });
  started.catch(() => undefined);

  return {
    started: (signal) =>
      abortable(started, signal).catch((thrown: unknown) => {
        throw toGatewayError(thrown);
      }),
    use(signal, withinMs) {
      const deadlineMs = timing.now() + withinMs;
      return line.wait(() => look(deadlineMs), signal);
    },
    unavailable,
    get state() {
      const reports = supervisors.flatMap((supervisor) => supervisor.reports);
      return {
        ready: supervisors.some(({ worker }) => worker !== null),
        starting: !everReady && reports.some(({ restartLimitReached }) => !restartLimitReached),
        restarts: supervisors.reduce((sum, { restarts }) => sum + restarts, 0),
        workers: reports,
      };
    },
    async stop(graceMs) {
      stopping = true;
      line.lookAgain();
      await Promise.all(supervisors.map((supervisor) => supervisor.stop(graceMs)));
    },
    abandon() {
      for (const supervisor of supervisors) supervisor.abandon();
    },
  };
};
