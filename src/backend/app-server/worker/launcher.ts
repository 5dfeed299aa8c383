import { cannotStart } from './exit-error.ts';
import type { WorkerIdentity } from './process.ts';
import { createRestartSchedule, type Restart, type RestartSchedule } from './restart-schedule.ts';
import type { SupervisorNotes } from './supervisor-notes.ts';
import type { Timing } from './timing.ts';
import type { Worker } from './worker.ts';
import type { WorkerPhase } from './worker-phase.ts';

export interface LauncherOptions {
  /** Which of the workers it is. */
  readonly number: number;
  /** Resolves with a worker that has shaken hands; rejects, and leaves nothing behind, when there is none or the signal aborts. */
  start(signal: AbortSignal, identity: WorkerIdentity): Promise<Worker>;
  /** Restarts in any five minutes. */
  readonly maxRestarts: number;
  readonly timing: Timing;
  readonly notes: SupervisorNotes;
  /** Whether the pool has ever had a worker. Until then a command that cannot be started at all is tried no second time. */
  hasStarted(): boolean;
}

/** Starts one worker, and again, as often and as soon as its back-off allows. */
export interface Launcher {
  readonly restarts: number;
  readonly schedule: RestartSchedule;
  /** Resolves with the first worker, however many attempts it takes; rejects when the command cannot be started at all, or it is stopped before. */
  launch(): Promise<void>;
  again(restart: Restart): void;
  /** Resolves when the attempt under way has been given up. */
  stop(): Promise<void>;
}

/** `adopt` gets each worker that is ready, `become` each change of phase. */
export const createLauncher = (
  options: LauncherOptions,
  stopping: AbortSignal,
  adopt: (worker: Worker, identity: WorkerIdentity) => void,
  become: (phase: WorkerPhase) => void,
): Launcher => {
  const { number, start, timing, notes, hasStarted } = options;
  const schedule = createRestartSchedule(options);
  const first = Promise.withResolvers<void>();
  let restarts = 0;
  let launching: Promise<void> = Promise.resolve();
  let cancel = (): void => undefined;

  const identity = (): WorkerIdentity => ({ worker: number, restarts });

  const launch = async (): Promise<void> => {
    const own = identity();
    const worker = await start(stopping, own);
    if (stopping.aborted) return void (await worker.stop(0));
    if (restarts > 0) notes.onReady(own);
    adopt(worker, own);
    first.resolve();
  };

  const attempt = (): void => {
    become({ state: 'starting' });
    launching = launch().catch((thrown: unknown) => {
      const isHopeless = !hasStarted() && cannotStart(thrown);
      if (stopping.aborted || isHopeless) return first.reject(thrown);
      notes.onFailedStart(thrown, identity());
      again(schedule.next());
    });
  };

  const again = ({ waitMs, limited }: Restart): void => {
    restarts++;
    if (limited) notes.onRestartLimit(waitMs, identity());
    cancel = timing.later(waitMs, attempt);
    become({ state: 'backing_off', untilMs: timing.now() + waitMs, limited });
  };

  return {
    get restarts() {
      return restarts;
    },
    schedule,
    launch() {
      attempt();
      return first.promise;
    },
    again,
    stop() {
      cancel();
      first.reject(stopping.reason);
      return launching;
    },
  };
};
