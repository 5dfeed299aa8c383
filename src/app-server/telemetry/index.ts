import { context } from '@opentelemetry/api';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import type { TraceCarrier } from '../../app-server-protocol/index.ts';
import type { Diagnostics } from '../diagnostics.ts';
import type { Environment } from '../environment.ts';
import { carrierFromContext } from './carrier.ts';
import { createTracing } from './provider.ts';
import { createServeRequest, type InboundRequest, type RpcOutcome } from './request-span.ts';
import { createDispatch, createTurnSpans, type TurnInfo } from './turn-spans.ts';
import { createWork, type Work, type WorkSpan } from './work-spans.ts';

export type { InboundRequest, RpcOutcome, TransportName } from './request-span.ts';
export { errorTypeOf, type TurnInfo, type TurnOutcome } from './turn-spans.ts';
export type { Work, WorkSpan } from './work-spans.ts';

/** The one door to tracing: nothing outside this folder knows a span or imports OpenTelemetry. */
export interface AppServerTelemetry {
  /** Opens `app_server.request` around the answering of one inbound request. */
  readonly serveRequest: (request: InboundRequest, serve: () => Promise<RpcOutcome>) => Promise<RpcOutcome>;
  /** The context that the caller runs in, as a carrier for a submission. */
  readonly captureTrace: () => TraceCarrier | undefined;
  /** Opens `app_server.dispatch` below what a submission captured. */
  readonly dispatch: (trace: TraceCarrier | undefined, info: TurnInfo, start: () => void) => void;
  /** Opens `app_server.turn` around a whole turn. */
  readonly turn: ReturnType<typeof createTurnSpans>;
  /** Opens a span of work below the turn. */
  readonly work: <T>(span: WorkSpan, run: (work: Work) => Promise<T>) => Promise<T>;
  /** Sends what is left to its destinations; never rejects, and never takes longer than `deadlineMs`. */
  readonly shutdown: (deadlineMs: number) => Promise<void>;
}

const within = (deadlineMs: number, done: Promise<void>): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), deadlineMs);
  });
  return Promise.race([done.then(() => true), late]).finally(() => clearTimeout(timer));
};

/** Makes the telemetry of the process; `extra` are span processors of tests. */
export const createAppServerTelemetry = async (
  environment: Environment,
  diagnostics: Diagnostics,
  extra: readonly SpanProcessor[] = [],
): Promise<AppServerTelemetry> => {
  const { tracer, shutdown } = await createTracing(environment, diagnostics, extra);
  return {
    serveRequest: createServeRequest(tracer, environment, diagnostics),
    captureTrace: () => carrierFromContext(context.active()),
    dispatch: createDispatch(tracer),
    turn: createTurnSpans(tracer),
    work: createWork(tracer),
    async shutdown(deadlineMs) {
      try {
        if (!(await within(deadlineMs, shutdown())))
          diagnostics.warn('telemetry: the last spans were not sent in time');
      } catch {
        diagnostics.warn('telemetry: the last spans could not be sent');
      }
    },
  };
};
