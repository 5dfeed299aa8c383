import { GatewayError } from '../../errors.ts';
import type { CallContext } from '../../gateway/ports.ts';
import { systemLater } from '../../later.ts';

/** Hands a request to the backend within `ms`: `connect` gets a signal that also aborts when that time is over. */
export const withConnectDeadline = async <T>(
  { span, signal }: CallContext,
  ms: number,
  connect: (context: CallContext) => Promise<T>,
): Promise<T> => {
  const deadline = new AbortController();
  const cancel = systemLater(ms, () => {
    const message = `The backend did not take the request within ${ms} ms (PROXY_CONNECT_TIMEOUT_MS).`;
    deadline.abort(new GatewayError('backend_connect_timeout', message));
  });
  try {
    return await connect({ span, signal: AbortSignal.any([signal, deadline.signal]) });
  } finally {
    cancel();
  }
};
