import { type Attributes, SpanKind, type TimeInput } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import { fromHrTime, toHrTime } from '../clock.ts';
import type { Mode, Phase } from '../phases.ts';
import type { CapturePolicy } from '../policy/index.ts';
import { eventAttributes } from './event.ts';
import type { EventLine, OtlpEvent } from './line.ts';
import { lastEventOf, type OtlpSpanRecord, toOtlp } from './otlp-json.ts';
import type { MirrorWriter } from './writer.ts';

/** A span processor that mirrors spans when they end, and the one place where an event reaches span and mirror. */
export interface SpanRecorder extends SpanProcessor {
  /** Adds the event to the span (where `line.in_span` says so) and to the mirror, or its refused share, with one and the same time. */
  record(span: Span, line: RecordedEvent, timeNs: bigint, isApart: boolean): void;
  /** Has the span's line written to the refused share. Call before it ends. */
  setApart(span: Span): void;
}

export type RecordedEvent = Omit<
  EventLine,
  'v' | 'ts' | 'seq' | 'time_ns' | 'type' | 'trace_id' | 'span_id' | 'otlp' | 'name'
>;

type AddEvent = Span['addEvent'];

const SPAN_KINDS = ['INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'] as const;

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** What every line of a span says about the request, read from the span's own attributes. */
const requestOf = (span: ReadableSpan) => ({
  req_id: text(span.attributes['req_id']),
  trace_id: span.spanContext().traceId,
  span_id: span.spanContext().spanId,
  phase: text(span.attributes['phase']) as Phase | null,
});

/** An event that an instrumentation added by itself has no kind; its line carries the OTLP event whole. */
const foreignEventLine = (span: Span, name: string, otlp: OtlpEvent) => ({
  type: 'event' as const,
  ...requestOf(span),
  kind: null,
  direction: null,
  route: text(span.attributes['route']),
  method: text(span.attributes['method']),
  mode: text(span.attributes['mode']) as Mode | null,
  in_span: true,
  name,
  otlp,
});

const spanLine = (span: ReadableSpan, record: OtlpSpanRecord) => {
  const { events: _, ...otlp } = record.span;
  return {
    type: 'span' as const,
    ...requestOf(span),
    parent_span_id: span.parentSpanContext?.spanId ?? null,
    name: span.name,
    span_kind: SPAN_KINDS[span.kind] ?? 'INTERNAL',
    service: text(span.resource.attributes['service.name']) ?? 'unknown_service',
    otlp,
    events_kept: span.events.length,
    resource: record.resource,
    scope: record.scope,
  };
};

/** Probes and pages need no key, and their SERVER spans belong to no request of the API. */
const isOfNoRequest = ({ kind, attributes }: ReadableSpan): boolean =>
  kind === SpanKind.SERVER && attributes['req_id'] === undefined;

/** The mirror, and the share of it for what anybody can cause without a key: a flood of that leaves all other traces where they are. */
export interface MirrorShares {
  readonly main: MirrorWriter;
  readonly refused: MirrorWriter;
}

interface RecorderOptions {
  /** For span limits under which the SDK alters events: then each line carries the altered one. */
  readonly exactEvents: boolean;
  readonly policy: CapturePolicy;
}

export const createSpanRecorder = (
  { main, refused }: MirrorShares,
  options: RecorderOptions,
): SpanRecorder => {
  const { policy } = options;
  const { sanitizeAttributes, sanitizeText } = policy.sanitizer;
  const apart = new WeakSet<object>();
  const plainAddEvent = new WeakMap<Span, AddEvent>();

  /** An event that an instrumentation adds by itself passes sanitizer and policy and reaches the mirror too. */
  const wrapAddEvent = (span: Span): void => {
    const plain = span.addEvent.bind(span) as AddEvent;
    plainAddEvent.set(span, plain);
    span.addEvent = (name: string, detail?: Attributes | TimeInput, time?: TimeInput) => {
      const isAttributes = typeof detail === 'object' && !Array.isArray(detail) && !(detail instanceof Date);
      const attributes = isAttributes ? policy.attributes(sanitizeAttributes(detail)) : undefined;
      const shown = policy.eventName(sanitizeText(name), attributes ?? {});
      plain(shown, attributes ?? detail, time);
      const otlp = lastEventOf(span);
      const share = apart.has(span) ? refused : main;
      if (otlp) share.event(foreignEventLine(span, shown, otlp), BigInt(otlp.timeUnixNano));
      return span;
    };
  };

  return {
    onStart: wrapAddEvent,
    setApart: (span) => void apart.add(span),
    record(span, line, timeNs, isApart) {
      const { traceId, spanId } = span.spanContext();
      const in_span = line.in_span && span.isRecording();
      if (in_span) plainAddEvent.get(span)?.(line.kind ?? '', eventAttributes(line), toHrTime(timeNs));
      const otlp = in_span && options.exactEvents ? lastEventOf(span) : undefined;
      const ids = { trace_id: traceId, span_id: spanId };
      (isApart ? refused : main).event(
        { type: 'event', ...ids, ...line, in_span, ...(otlp && { otlp }) },
        timeNs,
      );
    },
    onEnd(span) {
      const record = toOtlp(span, []);
      const share = apart.has(span) || isOfNoRequest(span) ? refused : main;
      if (record) share.span(spanLine(span, record), fromHrTime(span.endTime));
    },
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
};
