import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import { REQ_ID, TRACESTATE_MEMBER } from './names.ts';

/** The alphabet and length of a request id: the gateway's own, and what it takes from `x-request-id`. */
const REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/;

/** Puts the request id of the tracestate on every span of this process, which inherit it from the request's span. */
export const createReqIdProcessor = (): SpanProcessor => ({
  onStart(span) {
    const reqId = span.spanContext().traceState?.get(TRACESTATE_MEMBER);
    if (reqId && REQUEST_ID.test(reqId)) span.setAttribute(REQ_ID, reqId);
  },
  onEnd: () => undefined,
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
});
