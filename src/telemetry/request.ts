import { type Context, context, type HrTime, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { getRPCMetadata, RPCType } from '@opentelemetry/core';
import type { Span } from '@opentelemetry/sdk-trace';
import { headOf } from '../cut.ts';
import { type Clock, createClock, fromHrTime, toHrTime } from './clock.ts';
import type { FactRecorder } from './facts/recorder.ts';
import { untrustedParentOf } from './otel/propagator.ts';
import type { Outcome, Phase } from './phases.ts';
import { ATTR_HTTP_REQUEST_METHOD, ATTR_HTTP_RESPONSE_STATUS_CODE, ATTR_URL_SCHEME } from './semconv.ts';
import {
  type AttributeSet,
  type RequestScope,
  type SpanDeps,
  startSpan,
  type TraceSpan,
  wrapSpan,
} from './span.ts';

/** The trace of one request: its SERVER span, and the five phases below it. */
export interface RequestTrace {
  readonly traceId: string;
  /** `service.name` of this gateway. */
  readonly service: string;
  /** The SERVER span. */
  readonly server: TraceSpan;
  readonly scope: RequestScope;
  /** Opens a phase; each is opened at most once a request. */
  phase(
    name: Phase,
    options?: { kind?: 'CLIENT' | 'INTERNAL'; startNs?: bigint; attributes?: AttributeSet },
  ): TraceSpan;
  /** Moves what is written of the request from now on to the share of the mirror that refused requests have: call before the first event. */
  setApart(): void;
  /** Says on the SERVER span how the request ended, and lets it end. `sentStatus` is null where no head went out. */
  settle(outcome: Outcome, sentStatus: number | null): void;
}

export interface OpenRequestOptions {
  readonly scope: RequestScope;
  /** The route's template where one matched: it names the SERVER span. */
  readonly httpRoute: string | null;
  /** An `x-request-id` that was refused. */
  readonly rejectedReqId: string | null;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

const warnAboutTraceContext = (
  span: TraceSpan,
  parent: { traceId: string; hasState: boolean } | null,
  headers: OpenRequestOptions['headers'],
): void => {
  const { traceparent, tracestate } = headers;
  if (traceparent !== undefined && !parent) {
    span.warn('throughline.traceparent.invalid', {
      'throughline.traceparent': headOf(String(traceparent), 128),
    });
  } else if (String(tracestate ?? '').trim() && parent && !parent.hasState) {
    span.warn('throughline.tracestate.invalid', {
      'throughline.tracestate': headOf(String(tracestate), 128),
    });
  }
};

/** A span that is not recorded knows no resource. */
const serviceOf = (span: Span): string =>
  String((span as Partial<Span>).resource?.attributes['service.name'] ?? 'throughline');

interface TraceParts {
  readonly server: TraceSpan;
  readonly service: string;
  readonly parent: Context;
  readonly scope: RequestScope;
  /** Ends the SERVER span, or lets its owner's end take effect. */
  readonly release: (sentStatus: number | null) => void;
}

const createTrace = (
  deps: SpanDeps,
  { server, service, parent, scope, release }: TraceParts,
): RequestTrace => ({
  traceId: server.traceId,
  service,
  server,
  scope,
  phase: (name, { kind = 'INTERNAL', startNs, attributes = {} } = {}) =>
    startSpan(deps, {
      name,
      kind,
      parent,
      scope,
      phase: name,
      attributes,
      ...(startNs !== undefined && { startNs }),
    }),
  setApart() {
    scope.apart = true;
  },
  settle(outcome, sentStatus) {
    server.set({ outcome, mode: scope.mode });
    release(sentStatus);
  },
});

/**
 * The instrumentation ends the SERVER span when the response closes, a moment before the last phase has said how
 * the request ended. So its end is held back, with the time that it had, until then.
 */
const holdEnd = (span: Span, clock: Clock): (() => void) => {
  const end = span.end.bind(span);
  let endedAt: HrTime | undefined;
  let released = false;
  span.end = () => {
    if (released) end();
    else endedAt ??= toHrTime(clock());
  };
  return () => {
    released = true;
    if (endedAt) end(endedAt);
  };
};

/** Takes the SERVER span that the HTTP instrumentation opened for the running request, and names it. */
export const openRequest = (shared: SpanDeps, options: OpenRequestOptions): RequestTrace => {
  const parent = context.active();
  const span = trace.getSpan(parent) as Span | undefined;
  if (!span) return openDetachedRequest(shared, options);
  const deps = { ...shared, clock: createClock(fromHrTime(span.startTime)) };
  const metadata = getRPCMetadata(parent);
  if (metadata?.type === RPCType.HTTP && options.httpRoute) metadata.route = options.httpRoute;
  const server = wrapSpan(deps, span, parent, options.scope, null);
  server.set(serverAttributes(options));
  const untrusted = untrustedParentOf(parent);
  if (untrusted) span.addLink({ context: untrusted });
  const remote = untrusted ?? (span.parentSpanContext?.isRemote ? span.parentSpanContext : null);
  const end = holdEnd(span, deps.clock);
  const release = (): void => {
    if (options.scope.apart) deps.recorder.setApart(span);
    // Not before it is known whose the request is: the line goes where the others of it went.
    warnAboutTraceContext(
      server,
      remote && { traceId: remote.traceId, hasState: Boolean(remote.traceState?.serialize()) },
      options.headers,
    );
    end();
  };
  return createTrace(deps, {
    server,
    service: serviceOf(span),
    parent,
    scope: options.scope,
    release,
  });
};

/** Names the SERVER span of a request that has no phases, and gives its trace id; null where no span was opened for it. */
export const nameServerSpan = (
  recorder: Pick<FactRecorder, 'setApart'>,
  reqId: string,
  httpRoute: string,
): string | null => {
  const active = context.active();
  const span = trace.getSpan(active) as Span | undefined;
  if (!span) return null;
  const metadata = getRPCMetadata(active);
  if (metadata?.type === RPCType.HTTP) metadata.route = httpRoute;
  span.setAttribute('req_id', reqId);
  // Such a route needs no key: anybody can ask for it.
  recorder.setApart(span);
  return span.spanContext().traceId;
};

/** For a request that Node's parser refused: nobody opened a SERVER span for it, so it is opened here. */
export const openDetachedRequest = (shared: SpanDeps, options: OpenRequestOptions): RequestTrace => {
  const deps = { ...shared, clock: createClock() };
  const attributes = { [ATTR_HTTP_REQUEST_METHOD]: '_OTHER', [ATTR_URL_SCHEME]: 'http' };
  const span = deps.tracer.startSpan(
    'HTTP',
    { kind: SpanKind.SERVER, attributes, startTime: toHrTime(deps.clock()) },
    ROOT_CONTEXT,
  ) as Span;
  const parent = trace.setSpan(ROOT_CONTEXT, span);
  const server = wrapSpan(deps, span, parent, options.scope, null);
  server.set(serverAttributes(options));
  const release = (sentStatus: number | null): void => {
    server.set({ [ATTR_HTTP_RESPONSE_STATUS_CODE]: sentStatus ?? undefined });
    server.end();
  };
  return createTrace(deps, {
    server,
    service: serviceOf(span),
    parent,
    scope: options.scope,
    release,
  });
};

const serverAttributes = ({ scope, rejectedReqId }: OpenRequestOptions): AttributeSet => ({
  req_id: scope.reqId ?? undefined,
  route: scope.route,
  method: scope.method,
  'throughline.req_id.rejected': rejectedReqId ?? undefined,
});
