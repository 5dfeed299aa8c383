import { type Context, isSpanContextValid, ROOT_CONTEXT, type TraceState, trace } from '@opentelemetry/api';
import type { TraceCarrier } from '../../app-server-protocol/index.ts';
import { formatTraceParent, parseTraceParent, parseTraceState } from '../../telemetry/otel/trace-context.ts';

/** What a carrier turned out to be; `problem` says what was ignored, in words that hold nothing of the sender's. */
export type CarrierReading =
  | { readonly type: 'context'; readonly context: Context; readonly problem?: string }
  | { readonly type: 'absent' }
  | { readonly type: 'invalid'; readonly problem: string };

const invalid = (problem: string): CarrierReading => ({ type: 'invalid', problem });

const readState = (tracestate: unknown): { traceState?: TraceState; problem?: string } => {
  if (tracestate === undefined || tracestate === null) return {};
  if (typeof tracestate !== 'string') return { problem: 'tracestate is not a string' };
  const traceState = parseTraceState(tracestate);
  return traceState ? { traceState } : { problem: 'tracestate is malformed' };
};

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
  const state = readState(tracestate);
  const context = trace.setSpanContext(ROOT_CONTEXT, {
    ...parent,
    isRemote: true,
    ...(state.traceState && { traceState: state.traceState }),
  });
  return { type: 'context', context, ...(state.problem && { problem: state.problem }) };
};

/** Context → carrier; undefined where the context holds no span. */
export const carrierFromContext = (context: Context): TraceCarrier | undefined => {
  const span = trace.getSpanContext(context);
  if (!span || !isSpanContextValid(span)) return undefined;
  const tracestate = span.traceState?.serialize();
  const traceparent = formatTraceParent(span);
  return tracestate ? { traceparent, tracestate } : { traceparent };
};
