import type { Timing } from './timing.ts';
import type { Worker } from './worker.ts';

/** What a worker is doing. A sick one drains beside the one that takes its place. */
export type WorkerState = 'starting' | 'ready' | 'unresponsive' | 'backing_off' | 'draining' | 'stopped';

/** How one worker is, for people and probes; nothing secret. */
export interface WorkerReport {
  /** Which of the workers: 0, 1, … A draining one has the number of its successor. */
  readonly worker: number;
  readonly state: WorkerState;
  /** Null where there is no process of ours. */
  readonly pid: number | null;
  /** Requests that it was chosen for and whose turns are not cleaned up yet. */
  readonly activeTurns: number;
  readonly uptimeMs: number;
  readonly restarts: number;
  /** Until the next start, while it backs off. */
  readonly retryInMs: number | null;
  /** True while it backs off because it was started as often as is allowed. */
  readonly restartLimitReached: boolean;
}

export type WorkerPhase =
  | { readonly state: 'starting' | 'stopped' }
  | { readonly state: 'ready'; readonly worker: Worker }
  | { readonly state: 'backing_off'; readonly untilMs: number; readonly limited: boolean };

/** The worker of this phase, or null. */
export const workerOf = (phase: WorkerPhase): Worker | null =>
  phase.state === 'ready' ? phase.worker : null;

/** The same, unless it answers nothing: then it takes no turns. */
export const readyWorkerOf = (phase: WorkerPhase): Worker | null => {
  const worker = workerOf(phase);
  return worker?.pulse.beats ? worker : null;
};

/** Milliseconds until the worker is tried again; 0 while an attempt is under way, Infinity once it is stopped. */
export const retryInMs = (phase: WorkerPhase, timing: Timing): number => {
  switch (phase.state) {
    case 'starting':
    case 'ready':
      return 0;
    case 'backing_off':
      return Math.max(0, phase.untilMs - timing.now());
    case 'stopped':
      return Number.POSITIVE_INFINITY;
  }
};

const factsOf = (worker: Worker | null) => ({
  pid: worker?.pid ?? null,
  activeTurns: worker?.load.count ?? 0,
  uptimeMs: worker?.uptimeMs ?? 0,
});

export const reportPhase = (
  worker: number,
  restarts: number,
  phase: WorkerPhase,
  timing: Timing,
): WorkerReport => ({
  worker,
  state: phase.state === 'ready' && !readyWorkerOf(phase) ? 'unresponsive' : phase.state,
  ...factsOf(workerOf(phase)),
  restarts,
  retryInMs: phase.state === 'backing_off' ? Math.round(retryInMs(phase, timing)) : null,
  restartLimitReached: phase.state === 'backing_off' && phase.limited,
});

export const reportDraining = (worker: number, restarts: number, old: Worker): WorkerReport => ({
  worker,
  state: 'draining',
  ...factsOf(old),
  restarts,
  retryInMs: null,
  restartLimitReached: false,
});
