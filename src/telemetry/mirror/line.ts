import type { Direction, Kind, Mode, Phase } from '../phases.ts';

/** What every mirror line has. Version 1; `docs/` and `schemas/mirror-line.schema.json` describe the same. */
interface LineHead {
  readonly v: 1;
  /** Wall clock, UTC, microseconds: `2026-11-21T09:00:00.123456Z`. */
  readonly ts: string;
  /** The same instant in nanoseconds since the epoch, as a decimal string. */
  readonly time_ns: string;
  /** Counts the lines of one gateway process and one share of the mirror from 0, so that a gap shows what was lost. */
  readonly seq: number;
  /** The process that counts, where a gateway has several. */
  readonly pid?: number;
  readonly req_id: string | null;
  readonly trace_id: string | null;
  readonly span_id: string | null;
  readonly phase: Phase | null;
}

/** How a payload was cut: the size and hash of the whole sanitized text. */
export interface Truncated {
  readonly bytes: number;
  readonly sha256: string;
}

/** One event, written as it happens. */
export interface EventLine extends LineHead {
  readonly type: 'event';
  /** Null for an event that an instrumentation added by itself; `name` then says what it is. */
  readonly kind: Kind | null;
  readonly direction: Direction | null;
  readonly route: string | null;
  readonly method: string | null;
  readonly mode: Mode | null;
  readonly status_code?: number;
  readonly payload?: unknown;
  readonly truncated?: Truncated;
  /** False when the event stands in the mirror alone, because its span already holds enough of its kind. */
  readonly in_span: boolean;
  readonly name?: string;
  /** The exported OTLP/JSON event, present only where the fields above do not rebuild it exactly. */
  readonly otlp?: OtlpEvent;
}

/** One span, written when it ends. */
export interface SpanLine extends LineHead {
  readonly type: 'span';
  readonly parent_span_id: string | null;
  readonly name: string;
  readonly span_kind: 'INTERNAL' | 'SERVER' | 'CLIENT' | 'PRODUCER' | 'CONSUMER';
  /** `service.name` of the process that made the span. */
  readonly service: string;
  /** The SDK's own OTLP/JSON span, without its events: those are the `in_span` lines of this span id. */
  readonly otlp: OtlpSpan;
  /** How many of the span's newest `in_span` events the exported span holds. */
  readonly events_kept: number;
  readonly resource: unknown;
  readonly scope: unknown;
}

export type MirrorLine = EventLine | SpanLine;

export interface OtlpAnyValue {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: number | string;
  /** Text where JSON has no number for it: `NaN`, `Infinity`. */
  doubleValue?: number | string;
  arrayValue?: { values: OtlpAnyValue[] };
  kvlistValue?: { values: OtlpKeyValue[] };
  bytesValue?: string;
}
export interface OtlpKeyValue {
  key: string;
  value: OtlpAnyValue;
}
export interface OtlpEvent {
  timeUnixNano: string;
  name: string;
  attributes?: OtlpKeyValue[];
  droppedAttributesCount?: number;
}
export interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes?: OtlpKeyValue[];
  events?: OtlpEvent[];
  status?: { code?: number; message?: string };
  [key: string]: unknown;
}
