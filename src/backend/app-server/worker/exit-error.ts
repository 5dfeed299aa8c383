import { GatewayError } from '../../../errors.ts';
import type { WorkerExit, WorkerIdentity } from './process.ts';

/** What is told of the end of a worker, on its own and on each request in flight. */
export interface WorkerEnd extends WorkerExit, WorkerIdentity {
  /** Null where there was no process of ours. */
  readonly pid: number | null;
  readonly requests_in_flight: number;
  /** Why it was given up before, where it was. */
  readonly recycled: string | null;
}

/** How a request ends whose worker has ended. */
export const exitError = (exit: WorkerEnd): GatewayError => {
  const { code, signal, error } = exit;
  const how = error ?? (signal ? `signal ${signal}` : `exit code ${code}`);
  return new GatewayError('backend_exited', `The backend process ended (${how}).`, { cause: exit });
};

/** What no second attempt mends: there is no such program, or it may not be run. */
const HOPELESS = new Set<string | undefined>(['ENOENT', 'EACCES']);

/** Whether a command cannot be started at all. */
export const cannotStart = (thrown: unknown): boolean => HOPELESS.has(exitOf(thrown)?.errno);

/** The exit behind an error, where there is one. */
export const exitOf = (thrown: unknown): WorkerEnd | null =>
  thrown instanceof GatewayError && thrown.code === 'backend_exited' ? (thrown.cause as WorkerEnd) : null;
