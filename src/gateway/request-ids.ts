import type { RequestIds } from '../errors.ts';
import type { Exchange } from './ports.ts';

/** What a request is found by, and which service says so when. */
export const idsOf = ({ reqId, trace }: Exchange): Required<RequestIds> => ({
  reqId,
  traceId: trace.traceId,
  origin: {
    service: trace.service,
    timestamp: new Date(Number(trace.server.now() / 1_000_000n)).toISOString(),
  },
});
