import type { HeldRest, HeldTexts, Payload, ShownText, TraceSpan } from '../../../gateway/ports.ts';

const nothing = (): undefined => undefined;
const NOTHING: unknown = '';

const silentTexts: HeldTexts = {
  size: 0,
  has: () => false,
  push: () => NOTHING as ShownText,
  frame: () => NOTHING as Payload,
  rest: () => NOTHING as HeldRest,
};

/** For the gateway's own requests, every few seconds: they are not traced. */
export const silentSpan: TraceSpan = {
  traceId: '',
  spanId: '',
  event: nothing,
  texts: () => silentTexts,
  payload: () => NOTHING as Payload,
  room: () => null,
  warn: nothing,
  set: nothing,
  child: () => silentSpan,
  carrier: () => ({ traceparent: '' }),
  fail: nothing,
  now: () => BigInt(Date.now()) * 1_000_000n,
  end: nothing,
};
