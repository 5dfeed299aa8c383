import type { GatewayError } from '../errors.ts';
import type { TraceSpan } from '../gateway/ports.ts';

/** Sets the outcome of a request that failed on the span of phase 3. `message`: the server's own words, if there are any. */
export const failSpan = (span: TraceSpan, error: GatewayError, message?: string | null): void => {
  span.set({ outcome: error.outcome, 'throughline.error.code': error.code });
  // A client may disconnect, and that is no error of the call: the conventions leave the status of such a span unset.
  if (error.outcome !== 'client_disconnect') span.fail(error.code, message ?? error.message);
};
