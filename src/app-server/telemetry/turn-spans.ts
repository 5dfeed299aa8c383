import {
  type Attributes,
  context,
  ROOT_CONTEXT,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { TraceCarrier, TurnError } from '../../app-server-protocol/index.ts';
import { contextFromCarrier } from './carrier.ts';
import * as names from './names.ts';

export interface TurnInfo {
  readonly threadId: string;
  readonly turnId: string;
  readonly kind: 'regular' | 'review' | 'compact';
}

/** How a turn ended. */
export type TurnOutcome =
  | { readonly type: 'completed' }
  | { readonly type: 'interrupted' }
  | { readonly type: 'failed'; readonly error: TurnError };

/** The name of a `codexErrorInfo`, which is a string or an object with one key: a closed, short list. */
export const errorTypeOf = ({ codexErrorInfo }: TurnError): string => {
  if (codexErrorInfo === null) return 'other';
  return typeof codexErrorInfo === 'string' ? codexErrorInfo : (Object.keys(codexErrorInfo)[0] ?? 'other');
};

const attributesOf = ({ threadId, turnId, kind }: TurnInfo): Attributes => ({
  [names.THREAD_ID]: threadId,
  [names.TURN_ID]: turnId,
  [names.TURN_KIND]: kind,
});

const contextOf = (carrier: TraceCarrier | undefined) => {
  const reading = contextFromCarrier(carrier);
  return reading.type === 'context' ? reading.context : ROOT_CONTEXT;
};

/** Makes `Telemetry.dispatch`: short, from the core's loop taking a submission until its work has been started. */
export const createDispatch =
  (tracer: Tracer) =>
  (carrier: TraceCarrier | undefined, info: TurnInfo, start: () => void): void => {
    const parent = contextOf(carrier);
    const span = tracer.startSpan('app_server.dispatch', { attributes: attributesOf(info) }, parent);
    try {
      context.with(trace.setSpan(parent, span), start);
    } finally {
      span.end();
    }
  };

/** Makes `Telemetry.turn`: one long-lived span, closed by completion, interruption or failure. */
export const createTurnSpans =
  (tracer: Tracer) =>
  async (info: TurnInfo, run: () => Promise<TurnOutcome>): Promise<TurnOutcome> => {
    const parent = context.active();
    const span = tracer.startSpan('app_server.turn', { attributes: attributesOf(info) }, parent);
    try {
      const outcome = await context.with(trace.setSpan(parent, span), run);
      span.setAttribute(names.TURN_STATUS, outcome.type);
      if (outcome.type === 'failed') {
        span.setAttribute(names.ERROR_TYPE, errorTypeOf(outcome.error));
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      return outcome;
    } finally {
      span.end();
    }
  };
