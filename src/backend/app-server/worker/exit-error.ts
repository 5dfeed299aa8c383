import { GatewayError } from '../../../errors.ts';
import type { WorkerExit } from './process.ts';

/** How a request ends whose worker has ended. */
export const exitError = (exit: WorkerExit): GatewayError => {
  const { code, signal, error } = exit;
  const how = error ?? (signal ? `signal ${signal}` : `exit code ${code}`);
  return new GatewayError('backend_exited', `The backend process ended (${how}).`, { cause: exit });
};

/** The exit behind an error, where there is one. */
export const exitOf = (thrown: unknown): WorkerExit | null =>
  thrown instanceof GatewayError && thrown.code === 'backend_exited' ? (thrown.cause as WorkerExit) : null;
