import { type Context, createTraceState, isSpanContextValid, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';
import type { TraceCarrier } from '../../app-server-protocol/index.ts';

/** What a carrier turned out to be; `problem` says what was ignored, in words that hold nothing of the sender's. */
export type CarrierReading =
  | { readonly type: 'context'; readonly context: Context; readonly problem?: string }
  | { readonly type: 'absent' }
  | { readonly type: 'invalid'; readonly problem: string };

const invalid = (problem: string): CarrierReading => ({ type: 'invalid', problem });

/**
 * Carrier → context. W3C Trace Context: a bad `traceparent` makes the whole carrier invalid, a bad `tracestate` is
 * dropped alone.
 */
export const contextFromCarrier = (carrier: unknown): CarrierReading => {
  if (carrier === undefined || carrier === null) return { type: 'absent' };
  if (typeof carrier !== 'object' || Array.isArray(carrier)) return invalid('trace is not an object');
  const { traceparent, tracestate } = carrier as Record<string, unknown>;
  if (traceparent === undefined || traceparent === null) {
    return tracestate ? invalid('tracestate without traceparent') : { type: 'absent' };
  }
  if (typeof traceparent !== 'string') return invalid('traceparent is not a string');
  const parent = parseTraceParent(traceparent);
  if (!parent) return invalid('traceparent is malformed');
  const withState = typeof tracestate === 'string' && tracestate !== '';
  const context = trace.setSpanContext(ROOT_CONTEXT, {
    ...parent,
    isRemote: true,
    ...(withState ? { traceState: createTraceState(tracestate) } : {}),
  });
  const badState = tracestate !== undefined && tracestate !== null && typeof tracestate !== 'string';
  return badState
    ? { type: 'context', context, problem: 'tracestate is not a string' }
    : { type: 'context', context };
};

/** Context → carrier; undefined where the context holds no span. */
export const carrierFromContext = (context: Context): TraceCarrier | undefined => {
  const span = trace.getSpanContext(context);
  if (!span || !isSpanContextValid(span)) return undefined;
  const flags = span.traceFlags.toString(16).padStart(2, '0');
  const tracestate = span.traceState?.serialize();
  const traceparent = `00-${span.traceId}-${span.spanId}-${flags}`;
  return tracestate ? { traceparent, tracestate } : { traceparent };
};
