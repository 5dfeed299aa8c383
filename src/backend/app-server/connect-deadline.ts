import { GatewayError } from '../../errors.ts';
import type { CallContext } from '../../gateway/ports.ts';
import { systemLater } from '../../later.ts';
import type { WorkerPool, WorkerUse } from './worker/pool.ts';

/**
 * Hands a request to the backend within `ms`: `connect` gets a worker, and a signal that also aborts when that time is over. Where no
 * worker was even ready by then, the request may come back.
 */
export const withConnectDeadline = async <T>(
  pool: WorkerPool,
  { span, signal }: CallContext,
  ms: number,
  connect: (use: WorkerUse, context: CallContext) => Promise<T>,
): Promise<T> => {
  const deadline = new AbortController();
  const limited = AbortSignal.any([signal, deadline.signal]);
  let use: WorkerUse | undefined;
  const cancel = systemLater(ms, () => {
    const message = `The backend did not take the request within ${ms} ms (PROXY_CONNECT_TIMEOUT_MS).`;
    deadline.abort(use ? new GatewayError('backend_connect_timeout', message) : pool.unavailable());
  });
  try {
    use = await pool.use(limited, ms);
    if (limited.aborted) use.end();
    limited.throwIfAborted();
    return await connect(use, { span, signal: limited });
  } finally {
    cancel();
  }
};
