import {
  type Context,
  isSpanContextValid,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { Span } from '@opentelemetry/sdk-trace';
import { boundText } from './bound.ts';
import { type Clock, toHrTime } from './clock.ts';
import type { FactRecorder } from './facts/recorder.ts';
import type { HeldRest, HeldTexts, Payload } from './held-texts.ts';
import { createTraceState, formatTraceParent } from './otel/trace-context.ts';
import type { EventPlace, Kind, Mode, Phase } from './phases.ts';
import { ATTR_ERROR_TYPE } from './semconv.ts';

export type AttributeValue = string | number | boolean | readonly string[];
export type AttributeSet = Readonly<Record<string, AttributeValue | undefined>>;

/** W3C trace context as a JSON-RPC envelope or an HTTP header set carries it. */
export interface Carrier {
  readonly traceparent: string;
  readonly tracestate?: string;
}

export interface EventDetail {
  readonly payload?: unknown;
  /** What came along with the content, of which more is kept; the payload then stands in it as `body`. */
  readonly about?: Readonly<Record<string, unknown>>;
  readonly statusCode?: number;
  /** One of many alike (a delta, a chunk): kept off the span when it already holds enough of them. */
  readonly bulk?: boolean;
  /** Where it belongs when that is not the usual place of its kind. */
  readonly place?: EventPlace;
}

/** A span of ours, as the rest of the gateway sees it: no telemetry library in sight. */
export interface TraceSpan {
  readonly traceId: string;
  readonly spanId: string;
  event(kind: Kind, detail?: EventDetail): void;
  /** For the deltas of an answer's texts, whose safe part is what events may show. */
  texts(): HeldTexts;
  /** For events that show the same value, with what was held back of its texts; an event that shows no value and nothing held back is left out. */
  payload(value: unknown, rest?: HeldRest | null): Payload;
  /**
   * Resolves once telemetry keeps up again, or when this request has waited long enough; null: go on. Await it between pieces that a backend
   * sends: whoever does not read on for a moment loses no line of the mirror.
   */
  room(): Promise<void> | null;
  /** A warning that is no step of the request; `name` is one of ours, under `throughline.`. */
  warn(name: string, attributes: AttributeSet): void;
  set(attributes: AttributeSet): void;
  child(name: string, kind: 'CLIENT' | 'INTERNAL', attributes: AttributeSet): TraceSpan;
  /** What to hand to the next process, so that its spans become children of this one. */
  carrier(): Carrier;
  /** Marks the span as failed. `errorType` is a code or a low-cardinality word. */
  fail(errorType: string, message?: string): void;
  /** Nanoseconds since the epoch, on the scale of the span's own times. */
  now(): bigint;
  /** Ends the span, now or when it had ended (`atNs`); a second call does nothing. */
  end(atNs?: bigint): void;
}

/** What the lines of a request share. `mode` is known only after the body has been read. */
export interface RequestScope {
  readonly reqId: string | null;
  readonly route: string;
  readonly method: string;
  mode: Mode;
  /** Set once the request is refused before its sender is known: its lines then stand in the refused share of the mirror. */
  apart?: boolean;
}

export interface SpanDeps {
  readonly tracer: Tracer;
  readonly recorder: FactRecorder;
  readonly clock: Clock;
}

interface StartOptions {
  readonly name: string;
  readonly kind: 'CLIENT' | 'INTERNAL' | 'SERVER';
  readonly parent: Context;
  readonly scope: RequestScope;
  readonly phase: Phase | null;
  readonly attributes: AttributeSet;
  readonly startNs?: bigint;
}

const MAX_NAME_CHARS = 256;
const OWN_MEMBER = 'throughline';

/** An id or a name of the backend's may be as long as it likes. */
const boundValue = (value: AttributeValue): AttributeValue => {
  if (typeof value === 'string') return boundText(value);
  return typeof value === 'object' ? value.map((text) => boundText(text)) : value;
};

const bounded = (attributes: AttributeSet): Record<string, AttributeValue> => {
  const kept: Record<string, AttributeValue> = {};
  for (const name of Object.keys(attributes)) {
    const value = attributes[name];
    if (value !== undefined) kept[name] = boundValue(value);
  }
  return kept;
};

/** Our member goes first, as W3C asks of whoever changes the list, and stays where others must go. */
const toCarrier = (context: Context, reqId: string | null): Carrier => {
  const span = trace.getSpanContext(context);
  if (!span || !isSpanContextValid(span)) return { traceparent: '' };
  const others = span.traceState ?? createTraceState();
  const tracestate = (reqId === null ? others : others.set(OWN_MEMBER, reqId)).serialize();
  return { traceparent: formatTraceParent(span), ...(tracestate && { tracestate }) };
};

/** Attributes that every span of a request has, so that any of them is found by request id. */
const scopeAttributes = (scope: RequestScope, phase: Phase | null): AttributeSet => ({
  req_id: scope.reqId ?? undefined,
  ...(phase && { phase, route: scope.route, method: scope.method, mode: scope.mode }),
});

export const startSpan = (deps: SpanDeps, options: StartOptions): TraceSpan => {
  const attributes = bounded({
    ...scopeAttributes(options.scope, options.phase),
    ...options.attributes,
  });
  const span = deps.tracer.startSpan(
    boundText(options.name, MAX_NAME_CHARS),
    {
      kind: SpanKind[options.kind],
      startTime: toHrTime(options.startNs ?? deps.clock()),
      attributes,
    },
    options.parent,
  ) as Span;
  return wrapSpan(deps, span, trace.setSpan(options.parent, span), options.scope, options.phase);
};

interface SpanInContext {
  readonly span: Span;
  readonly context: Context;
}

/** What late events and calls still need of a span that has ended: its ids. Who holds it does not hold its events. */
const idsOf = (ended: Span): SpanInContext => {
  const span = trace.wrapSpanContext(ended.spanContext());
  return { span: span as Span, context: trace.setSpan(ROOT_CONTEXT, span) };
};

/** Gives a span of an instrumentation the same face as our own. */
export const wrapSpan = (
  deps: SpanDeps,
  given: Span,
  context: Context,
  scope: RequestScope,
  phase: Phase | null,
): TraceSpan => {
  const { traceId, spanId } = given.spanContext();
  const { recorder } = deps;
  const note = recorder.noteOf(given, scope);
  let own: SpanInContext = { span: given, context };
  let ended = false;

  return {
    traceId,
    spanId,
    event: (kind, detail = {}) => recorder.event(note, kind, deps.clock(), detail),
    texts: () => recorder.texts(note),
    payload: (value, rest = null) => recorder.payload(note, value, rest),
    room: () => recorder.room(note),
    warn: (name, attributes) => void own.span.addEvent(name, bounded(attributes), toHrTime(deps.clock())),
    set: (attributes) => void own.span.setAttributes(bounded(attributes)),
    child: (name, kind, attributes) =>
      startSpan(deps, { name, kind, parent: own.context, scope, phase: null, attributes }),
    carrier: () => toCarrier(own.context, scope.reqId),
    fail(errorType, message) {
      own.span.setAttribute(ATTR_ERROR_TYPE, errorType);
      const text = message === undefined ? {} : { message: boundText(message) };
      own.span.setStatus({ code: SpanStatusCode.ERROR, ...text });
    },
    now: deps.clock,
    end(atNs) {
      if (ended) return;
      ended = true;
      const { span } = own;
      if (phase) span.setAttribute('mode', scope.mode);
      if (scope.apart) recorder.setApart(span);
      span.end(toHrTime(atNs ?? deps.clock()));
      own = idsOf(span);
    },
  };
};
