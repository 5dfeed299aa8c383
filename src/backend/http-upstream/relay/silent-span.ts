import type { TraceSpan } from '../../../gateway/ports.ts';

const nothing = (): undefined => undefined;

/** For the gateway's own requests, every few seconds: they are not traced. */
export const silentSpan: TraceSpan = {
  traceId: '',
  spanId: '',
  event: nothing,
  textStream: () => ({ push: () => '', flush: () => '' }),
  warn: nothing,
  set: nothing,
  child: () => silentSpan,
  carrier: () => ({ traceparent: '' }),
  fail: nothing,
  now: () => BigInt(Date.now()) * 1_000_000n,
  end: nothing,
};
