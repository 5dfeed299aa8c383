import { GatewayError } from '../../../errors.ts';
import { drainWorker, endWorkers } from './drain.ts';
import { createLauncher, type LauncherOptions } from './launcher.ts';
import type { WorkerExit, WorkerIdentity } from './process.ts';
import type { Timing } from './timing.ts';
import type { Worker } from './worker.ts';
import {
  readyWorkerOf,
  reportDraining,
  reportPhase,
  retryInMs,
  type WorkerPhase,
  type WorkerReport,
  workerOf,
} from './worker-phase.ts';

/** Keeps one worker running: starts it again when it dies, and puts another in its place when it is sick. */
export interface Supervisor {
  /** The worker that takes turns now, or null: one that answers nothing takes none. */
  readonly worker: Worker | null;
  /** Milliseconds until it is tried again; 0 while an attempt is under way, Infinity once it is stopped. */
  readonly retryInMs: number;
  readonly restarts: number;
  /** Resolves with the first worker; rejects when its command cannot be started at all, or it is stopped before. */
  readonly started: Promise<void>;
  readonly reports: readonly WorkerReport[];
  /** Ends it for good, and the sick ones that still drain. Twice is harmless. */
  stop(graceMs: number): Promise<void>;
  /** Kills its processes at once. */
  abandon(): void;
}

export interface SupervisorOptions extends LauncherOptions {
  /** Whether there is a worker, or when there will be, has changed. */
  onChange(): void;
  /** Has a worker that is about to end tell what it would take along. Never rejects, and takes bounded time. */
  readonly beforeEnd?: ((worker: Worker) => Promise<void>) | undefined;
}

/** A worker that ran this long died of something new. */
const STABLE_AFTER_MS = 10_000;

const ended = (): GatewayError => new GatewayError('shutting_down', 'The gateway is shutting down.');

/** A sick one is not among them: its pulse is looked at no more. */
const notePulse = (
  { pulse }: Worker,
  own: WorkerIdentity,
  { notes, onChange }: Pick<SupervisorOptions, 'notes' | 'onChange'>,
): void => {
  if (pulse.beats) notes.onAnswering(own);
  else notes.onUnresponsive(own);
  onChange();
};

const reportsOf = (
  number: number,
  restarts: number,
  phase: WorkerPhase,
  draining: ReadonlySet<Worker>,
  timing: Timing,
): WorkerReport[] => {
  const old = [...draining].map((worker) => reportDraining(number, restarts, worker));
  return [reportPhase(number, restarts, phase, timing), ...old];
};

export const createSupervisor = (options: SupervisorOptions): Supervisor => {
  const { number, timing, notes, onChange, beforeEnd } = options;
  const stopping = new AbortController();
  const draining = new Set<Worker>();
  let phase: WorkerPhase = { state: 'starting' };
  let stopped: Promise<void> | undefined;
  const become = (next: WorkerPhase): void => {
    phase = next;
    onChange();
  };
  const adopt = (worker: Worker, own: WorkerIdentity): void => {
    void worker.exited.then((exit) => afterExit(worker, exit, own));
    void worker.sick.then((reason) => replace(worker, reason, own));
    worker.pulse.start(() => notePulse(worker, own, options));
    become({ state: 'ready', worker });
  };
  const launcher = createLauncher(options, stopping.signal, adopt, become);
  const afterExit = (worker: Worker, exit: WorkerExit, own: WorkerIdentity): void => {
    if (draining.delete(worker)) return notes.onDrained(exit, own);
    if (stopping.signal.aborted) return;
    notes.onExit(exit, own);
    if (exit.uptime_ms > STABLE_AFTER_MS) launcher.schedule.reset();
    launcher.again(launcher.schedule.next());
  };

  const replace = (worker: Worker, reason: string, own: WorkerIdentity): void => {
    if (stopping.signal.aborted || workerOf(phase) !== worker) return;
    notes.onSick(reason, own);
    draining.add(worker);
    launcher.again(launcher.schedule.atOnce());
    drainWorker(worker, timing);
  };

  const shutDown = async (graceMs: number): Promise<void> => {
    stopping.abort(ended());
    const all = { worker: workerOf(phase), sick: [...draining] };
    become({ state: 'stopped' });
    await Promise.all([launcher.stop(), endWorkers(all, graceMs, timing, beforeEnd)]);
  };

  const started = launcher.launch();
  started.catch(() => undefined);
  return {
    get worker() {
      return readyWorkerOf(phase);
    },
    get retryInMs() {
      return retryInMs(phase, timing);
    },
    get restarts() {
      return launcher.restarts;
    },
    started,
    get reports() {
      return reportsOf(number, launcher.restarts, phase, draining, timing);
    },
    stop: (graceMs) => (stopped ??= shutDown(graceMs)),
    abandon() {
      // One that is still starting is ended by its start, which hears of this.
      stopping.abort(ended());
      for (const worker of [workerOf(phase), ...draining]) worker?.kill();
    },
  };
};
