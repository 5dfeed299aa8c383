import { setTimeout as pause } from 'node:timers/promises';
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { backgroundTimers } from '../later.ts';
import { createClock } from './clock.ts';
import { FactQueue } from './facts/queue.ts';
import { FactRecorder, newMarker } from './facts/recorder.ts';
import type { OtlpReceiverUrls } from './mirror/otlp-receiver.ts';
import { isReceiverPath } from './mirror/receiver-path.ts';
import type { TelemetryLog } from './otel/diag.ts';
import { tellUnsent, watchExport } from './otel/export-report.ts';
import type { LogExport } from './otel/log-export.ts';
import type { TrustsSender } from './otel/propagator.ts';
import { createResource, startSdk } from './otel/sdk.ts';
import { exportsSpans, type OtelEnv, otlpEndpoint, tracesDestination } from './otel/variables.ts';
import type { Kind } from './phases.ts';
import type { CapturePolicy } from './policy/index.ts';
import {
  nameServerSpan,
  type OpenRequestOptions,
  openDetachedRequest,
  openRequest,
  type RequestTrace,
} from './request.ts';
import type { RuleSources } from './sanitize/redact-file.ts';
import { SCHEMA_URL } from './semconv.ts';
import { type SpanDeps, startSpan, type TraceSpan } from './span.ts';
import type { MirrorSettings } from './worker/messages.ts';
import { startWorkerThread } from './worker/start-thread.ts';
import { type StartThread, TelemetryThread } from './worker/supervisor.ts';

export { toTimestamp } from './clock.ts';
export type { HeldRest, HeldTexts, Payload, ShownText } from './held-texts.ts';
export type { Direction, Kind, Mode, Outcome, Phase } from './phases.ts';
export { type CapturePolicy, capturePolicy } from './policy/index.ts';
export type { OpenRequestOptions, RequestTrace } from './request.ts';
export { isShownHeader } from './sanitize/attributes.ts';
export { type RuleSources, readRedactFile } from './sanitize/redact-file.ts';
export { createSanitizer, type Sanitizer } from './sanitize.ts';
export type { AttributeSet, Carrier, EventDetail, RequestScope, TraceSpan } from './span.ts';
export { spanIdsIn } from './span-ids.ts';
export type { MirrorSettings } from './worker/messages.ts';

/** The one door to telemetry: nothing outside this folder knows OpenTelemetry. */
export interface Telemetry {
  /** Where spans are exported, or why they are not. */
  readonly tracesDestination: string;
  /** Where the lines of the log are exported, or null. */
  readonly logsEndpoint: string | null;
  /** Takes the lines of the log to an OTLP endpoint, or null where none is set for them. */
  readonly logExport: LogExport | null;
  /** For the spans of backend processes, or null when there is no mirror. */
  readonly backendSpans: TracesOfBackends | null;
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
  /** Whether the telemetry thread has not ended. */
  readonly hasThread: boolean;
  /** Writes what is left of the mirror and closes it, in bounded time. Twice is harmless. */
  close(): Promise<void>;
}

/** Where backend processes send their spans for the mirror. */
export interface TracesOfBackends {
  readonly urls: Promise<OtlpReceiverUrls>;
  /**
   * Resolves once a span of this trace has come and no span of the latest traces waits for its parent. Rejects with the signal's reason
   * when that takes too long.
   */
  settled(traceId: string, signal: AbortSignal): Promise<void>;
}

export interface TelemetryOptions {
  readonly serviceName: string;
  readonly serviceVersion: string;
  readonly env: OtelEnv;
  /** What may leave, and what it passes before. */
  readonly policy: CapturePolicy;
  /** Of a sender that is not trusted `traceparent` becomes a link. */
  readonly trustsSender: TrustsSender;
  /** The operator's rules of `policy`, for the telemetry thread. */
  readonly rules: RuleSources | null;
  /** The files of the mirror; null when it is off. */
  readonly mirror: MirrorSettings | null;
  /** Is told when spans cannot be exported, and what OpenTelemetry says about itself. */
  readonly log: TelemetryLog;
  /** Paths of requests that get no span, whatever their method: health probes. */
  readonly untracedPaths: readonly string[];
  /** Takes what NodeSDK must not see out of the process's environment, see `otel/sdk.ts`. */
  readonly enableSdk: () => void;
  /** How the telemetry thread is started. */
  readonly startThread?: StartThread;
}

/** How long the log's last lines may take to be exported. */
const FLUSH_MS = 5_000;

/** The path of a request's target, in the spelling that a router compares. */
const pathOf = (target: string): string => {
  try {
    return decodeURI(new URL(target, 'http://localhost').pathname);
  } catch {
    return target;
  }
};

/** Starts the telemetry thread, where anything leaves that it would see to. */
const openThread = async (
  options: TelemetryOptions,
  resource: ReturnType<typeof createResource>,
  marker: string,
): Promise<TelemetryThread | null> => {
  const { env, policy, rules, mirror, log, startThread = startWorkerThread } = options;
  if (!mirror && !exportsSpans(env)) return null;
  await resource.waitForAsyncAttributes?.();
  const { attributes, schemaUrl } = resource;
  return new TelemetryThread({
    start: {
      ...{ env, capture: policy.capture, rules, marker, mirror },
      resource: { attributes, options: { ...(schemaUrl !== undefined && { schemaUrl }) } },
    },
    ...{ startThread, sanitizer: policy.sanitizer, log },
  });
};

const backendTraces = (thread: TelemetryThread): TracesOfBackends => ({
  urls: thread.urls.then((urls) => urls ?? Promise.reject(new Error('there is no mirror'))),
  settled: (traceId, signal) => thread.settled(traceId, signal),
});

/** Starts telemetry. Call once a process, before the HTTP server is made. */
export const createTelemetry = async (options: TelemetryOptions): Promise<Telemetry> => {
  const clock = createClock();
  const { serviceName, serviceVersion, env, log, policy, mirror } = options;
  const resource = createResource(serviceName, serviceVersion);
  const marker = newMarker();
  const thread = await openThread(options, resource, marker);
  const recorder = new FactRecorder({
    // Where nothing leaves nothing is noted.
    queue: thread?.queue ?? new FactQueue({ post: () => undefined, timers: backgroundTimers, log }),
    capture: policy.capture,
    hasMirror: mirror !== null,
    hasExport: exportsSpans(env),
    marker,
  });
  const watch = watchExport(env, 'LOGS', log);
  const sdk = startSdk({
    ...{ serviceName, serviceVersion, env, log, resource, logWatch: watch },
    sanitizer: policy.sanitizer,
    trustsSender: options.trustsSender,
    processors: [recorder],
    ignorePath: (path) => isReceiverPath(path) || options.untracedPaths.includes(pathOf(path)),
    enableSdk: options.enableSdk,
  });
  const deps: SpanDeps = {
    tracer: trace.getTracerProvider().getTracer(serviceName, serviceVersion, { schemaUrl: SCHEMA_URL }),
    recorder,
    clock,
  };
  const flush = async (): Promise<void> => {
    const logsSent = Promise.race([
      sdk.shutdown().catch(() => undefined),
      pause(FLUSH_MS, undefined, { ref: false }),
    ]);
    const last = (await thread?.endExports()) ?? [];
    await logsSent;
    // Before the lines that tell of it, which can go nowhere any more.
    sdk.logExport?.close();
    for (const { level, fields, message } of last) log[level](fields, message);
    tellUnsent(env, 'LOGS', watch, log);
  };
  let stopping: Promise<void> | undefined;
  return {
    tracesDestination: tracesDestination(env),
    logsEndpoint: otlpEndpoint(env, 'LOGS'),
    logExport: sdk.logExport,
    backendSpans: thread && mirror && backendTraces(thread),
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
    connectionEvent: (kind, payload) => recorder.nobody(kind, clock(), payload),
    shutdown: () => (stopping ??= flush()),
    get hasThread() {
      return thread?.isRunning ?? false;
    },
    close: async () => thread?.close(),
  };
};
