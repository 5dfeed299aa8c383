import type { HeldTexts, Payload, TraceSpan } from '../../../gateway/ports.ts';

const nothing = (): undefined => undefined;
/** No event shows it. */
const NOTHING = '' as unknown as Payload;

const silentTexts: HeldTexts = {
  size: 0,
  has: () => false,
  push: () => '',
  frame: () => NOTHING,
  rest: () => null,
};

/** For the gateway's own requests, every few seconds: they are not traced. */
export const silentSpan: TraceSpan = {
  traceId: '',
  spanId: '',
  event: nothing,
  texts: () => silentTexts,
  payload: () => NOTHING,
  room: () => null,
  warn: nothing,
  set: nothing,
  child: () => silentSpan,
  carrier: () => ({ traceparent: '' }),
  fail: nothing,
  now: () => BigInt(Date.now()) * 1_000_000n,
  end: nothing,
};
