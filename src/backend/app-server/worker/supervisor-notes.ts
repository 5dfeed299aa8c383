import type { WorkerExit, WorkerIdentity } from './process.ts';

/** What is worth a line in the log. */
export interface SupervisorNotes {
  /** The worker died; another one is started. */
  onExit(exit: WorkerExit, identity: WorkerIdentity): void;
  /** It could not be started, or did not shake hands. */
  onFailedStart(thrown: unknown, identity: WorkerIdentity): void;
  /** A worker that had died, or could not be had, or was sick, is there again. */
  onReady(identity: WorkerIdentity): void;
  /** It answers nothing: it gets no turns until it does. */
  onUnresponsive(identity: WorkerIdentity): void;
  onAnswering(identity: WorkerIdentity): void;
  /** It does not do what it must: it gets no more turns, and another one is started. */
  onSick(reason: string, identity: WorkerIdentity): void;
  /** A sick one has ended. */
  onDrained(exit: WorkerExit, identity: WorkerIdentity): void;
  /** It was started as often as is allowed; the next start waits. */
  onRestartLimit(waitMs: number, identity: WorkerIdentity): void;
}
