import { toGatewayError } from '../errors.ts';
import type { Call } from '../gateway/call.ts';
import type { Exchange } from '../gateway/ports.ts';

/** Phase 1. The span covers everything from the first byte until the request is taken in or refused. */
export const httpIngress = async (exchange: Exchange): Promise<Call> => {
  const span = exchange.trace.phase('http_ingress', { startNs: exchange.receivedNs });
  try {
    return await exchange.receive(span);
  } catch (thrown) {
    const error = toGatewayError(thrown);
    span.set({
      'throughline.error.code': error.code,
      'throughline.error.param': error.param ?? undefined,
      outcome: error.outcome,
    });
    if (error.status >= 500) span.fail(error.code, error.message);
    throw error;
  } finally {
    span.end();
  }
};
