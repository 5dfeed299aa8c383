import { setTimeout as pause } from 'node:timers/promises';
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { createBackendSpans } from './backend-spans.ts';
import { captureSubject } from './capture.ts';
import { type Clock, createClock } from './clock.ts';
import { isReceiverPath, type OtlpReceiver } from './mirror/otlp-receiver.ts';
import { createSpanRecorder, type MirrorShares } from './mirror/span-recorder.ts';
import { createMirrorWriter, type LineSink, type MirrorWriter } from './mirror/writer.ts';
import type { TelemetryLog } from './otel/diag.ts';
import { tellUnsent, watchExport } from './otel/export-report.ts';
import { eventLimits } from './otel/from-env.ts';
import type { LogExport } from './otel/log-export.ts';
import type { TrustsSender } from './otel/propagator.ts';
import { createSanitizingProcessor } from './otel/sanitizing-processor.ts';
import { startSdk } from './otel/sdk.ts';
import { type OtelEnv, otlpEndpoint, tracesDestination } from './otel/variables.ts';
import { KINDS, type Kind } from './phases.ts';
import type { CapturePolicy } from './policy/index.ts';
import {
  nameServerSpan,
  type OpenRequestOptions,
  openDetachedRequest,
  openRequest,
  type RequestTrace,
} from './request.ts';
import { SCHEMA_URL } from './semconv.ts';
import { type SpanDeps, startSpan, type TraceSpan } from './span.ts';

export { toTimestamp } from './clock.ts';
export type { HeldRest, HeldTexts, Payload, ShownText } from './held-texts.ts';
export type { Direction, Kind, Mode, Outcome, Phase } from './phases.ts';
export { type CapturePolicy, capturePolicy } from './policy/index.ts';
export type { OpenRequestOptions, RequestTrace } from './request.ts';
export { isShownHeader } from './sanitize/headers.ts';
export { type RuleSources, readRedactFile } from './sanitize/redact-file.ts';
export { createSanitizer, type Sanitizer } from './sanitize.ts';
export type { AttributeSet, Carrier, EventDetail, RequestScope, TraceSpan } from './span.ts';
export { spanIdsIn } from './span-ids.ts';

/** The mirror's parts: what is refused before its sender is known has a small one of its own. */
export type MirrorShare = keyof MirrorShares;

/** The one door to telemetry: nothing outside this folder knows OpenTelemetry. */
export interface Telemetry {
  /** Where spans are exported, or why they are not. */
  readonly tracesDestination: string;
  /** Where the lines of the log are exported, or null. */
  readonly logsEndpoint: string | null;
  /** Takes the lines of the log to an OTLP endpoint, or null where none is set for them. */
  readonly logExport: LogExport | null;
  /** Where backend processes send their spans for the mirror, or null when there is no mirror. */
  readonly backendSpans: Omit<OtlpReceiver, 'close'> | null;
  openRequest(options: OpenRequestOptions): RequestTrace;
  /** For a request that never reached the HTTP server's handler. */
  openDetachedRequest(options: OpenRequestOptions): RequestTrace;
  /** For a request without phases: names the SERVER span that runs, and gives its trace id, or null. */
  nameServerSpan(reqId: string, httpRoute: string): string | null;
  /** A span for what happens between gateway and backend for no request: it has no request id. */
  openConnectionSpan(name: string, attributes: Record<string, string>): TraceSpan;
  /** An event that belongs to no span and no request. */
  connectionEvent(kind: Kind, payload: unknown): void;
  /** Stops taking backend spans, then flushes and stops the exporters. Twice is harmless. */
  shutdown(): Promise<void>;
}

export interface TelemetryOptions {
  readonly serviceName: string;
  readonly serviceVersion: string;
  readonly env: OtelEnv;
  /** What may leave, and what it passes before. */
  readonly policy: CapturePolicy;
  /** Of a sender that is not trusted `traceparent` becomes a link. */
  readonly trustsSender: TrustsSender;
  /** Opens what takes the lines of a share of the mirror; null when the mirror is off. It is handed the text of the line to add after a loss. */
  readonly openMirror: ((share: MirrorShare, lossLine: (lost: number) => string) => LineSink) | null;
  /** Is told when spans cannot be exported, and what OpenTelemetry says about itself. */
  readonly log: TelemetryLog;
  /** Paths of requests that get no span, whatever their method: health probes. */
  readonly untracedPaths: readonly string[];
  /** Takes what NodeSDK must not see out of the process's environment, see `otel/sdk.ts`. */
  readonly enableSdk: () => void;
}

/** How long the last export may take: a collector that is away must not keep the process alive. */
const FLUSH_MS = 5_000;
/** Room that bulk events leave on a span for the others: the first ones and the last stay. */
const RESERVED_EVENTS = 32;

/** The path of a request's target, in the spelling that a router compares. */
const pathOf = (target: string): string => {
  try {
    return decodeURI(new URL(target, 'http://localhost').pathname);
  } catch {
    return target;
  }
};

const NOWHERE: LineSink = { write: () => true };

const openShare = (
  openMirror: TelemetryOptions['openMirror'],
  share: MirrorShare,
  clock: Clock,
): MirrorWriter => {
  const sink =
    openMirror?.(share, (lost) => writer.traceError(`${lost} mirror lines were lost`, { lost })) ?? NOWHERE;
  const writer = createMirrorWriter(sink, clock);
  return writer;
};

/** What an event says that belongs to no span and no request. */
const NOBODYS = {
  type: 'event',
  req_id: null,
  trace_id: null,
  span_id: null,
  route: null,
  method: null,
  mode: null,
  in_span: false,
} as const;

/** Starts telemetry. Call once a process, before the HTTP server is made. */
export const createTelemetry = async (options: TelemetryOptions): Promise<Telemetry> => {
  const clock = createClock();
  const limits = eventLimits(options.env);
  const writer = openShare(options.openMirror, 'main', clock);
  const refused = openShare(options.openMirror, 'refused', clock);
  const { serviceName, serviceVersion, env, log, policy } = options;
  const shares = { main: writer, refused };
  const recorder = createSpanRecorder(shares, { exactEvents: limits.cutsAttributes, policy });
  const watches = { TRACES: watchExport(env, 'TRACES', log), LOGS: watchExport(env, 'LOGS', log) };
  const sdk = startSdk({
    ...{ serviceName, serviceVersion, env, watches, log },
    sanitizer: policy.sanitizer,
    trustsSender: options.trustsSender,
    processors: [createSanitizingProcessor(policy), recorder],
    ignorePath: (path) => isReceiverPath(path) || options.untracedPaths.includes(pathOf(path)),
    enableSdk: options.enableSdk,
  });
  const backendSpans = options.openMirror ? await createBackendSpans(writer, policy, env, log) : null;
  const deps: SpanDeps = {
    tracer: trace.getTracerProvider().getTracer(serviceName, serviceVersion, { schemaUrl: SCHEMA_URL }),
    recorder,
    clock,
    policy,
    bulkEventLimit: Math.max(0, limits.eventCount - RESERVED_EVENTS),
  };
  const flush = async (): Promise<void> => {
    await backendSpans?.close();
    const flushed = Promise.allSettled([sdk.shutdown(), backendSpans?.shutdown()]);
    await Promise.race([flushed, pause(FLUSH_MS, undefined, { ref: false })]);
    // Before the lines that tell of it, which can go nowhere any more.
    sdk.logExport?.close();
    for (const signal of ['TRACES', 'LOGS'] as const) tellUnsent(env, signal, watches[signal], log);
    backendSpans?.tellUnsent();
  };
  let stopping: Promise<void> | undefined;
  return {
    tracesDestination: tracesDestination(env),
    logsEndpoint: otlpEndpoint(env, 'LOGS'),
    logExport: sdk.logExport,
    backendSpans,
    openRequest: (request) => openRequest(deps, request),
    openDetachedRequest: (request) => openDetachedRequest(deps, request),
    nameServerSpan: (reqId, httpRoute) => nameServerSpan(recorder, reqId, httpRoute),
    openConnectionSpan: (name, attributes) =>
      startSpan(deps, {
        name,
        kind: 'CLIENT',
        parent: ROOT_CONTEXT,
        scope: { reqId: null, route: 'other', method: 'other', mode: 'other' },
        phase: null,
        attributes,
      }),
    connectionEvent: (kind, payload) =>
      writer.event({
        ...NOBODYS,
        ...KINDS[kind],
        kind,
        ...captureSubject(policy, kind, { payload }, null),
      }),
    shutdown: () => (stopping ??= flush()),
  };
};
