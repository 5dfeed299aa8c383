import type { SpanLine } from '../telemetry/mirror/line.ts';
import { ATTR_ERROR_TYPE, ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK } from '../telemetry/semconv.ts';
import { plainAttributes } from './line-facts.ts';
import type { SpanNode } from './model.ts';
import type { OpenSpan } from './open-spans.ts';

/** A node while the tree is being built. */
export interface MutableNode extends Omit<SpanNode, 'children' | 'parentSpanId' | 'service' | 'isRemote'> {
  isRemote: boolean;
  parentSpanId: string | null;
  service: string | null;
  readonly children: MutableNode[];
  /** The parent of an open span, which no line names. */
  above?: MutableNode;
}

const STATUS_ERROR = 2;

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const errorOf = (line: SpanLine, attributes: Readonly<Record<string, unknown>>): SpanNode['error'] =>
  line.otlp.status?.code === STATUS_ERROR
    ? { type: textOrNull(attributes[ATTR_ERROR_TYPE]), message: textOrNull(line.otlp.status.message) }
    : null;

/** A span as its line says. The time to the first chunk counts from when the turn was asked for, which is before the phase begins. */
export const closedNode = (line: SpanLine, attempt: number, turnRequestedNs: bigint | null): MutableNode => {
  const attributes = plainAttributes(line.otlp.attributes);
  const startNs = BigInt(line.otlp.startTimeUnixNano);
  const firstChunk =
    line.phase === 'backend_io' ? attributes[ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK] : undefined;
  return {
    attempt,
    spanId: line.span_id,
    parentSpanId: line.parent_span_id,
    name: line.name,
    kind: line.span_kind,
    service: line.service,
    phase: line.phase,
    startNs,
    endNs: BigInt(line.otlp.endTimeUnixNano),
    isLost: false,
    isRemote: false,
    error: errorOf(line, attributes),
    firstTokenNs:
      typeof firstChunk === 'number'
        ? (turnRequestedNs ?? startNs) + BigInt(Math.round(firstChunk * 1e9))
        : null,
    attributes,
    children: [],
  };
};

/** A span that began and whose end was never written. */
export const openNode = (
  span: OpenSpan & {
    isLost?: boolean;
    attempt: number;
    spanId: string | null;
    service: string | null;
    startNs: bigint;
  },
): MutableNode => ({
  attempt: span.attempt,
  spanId: span.spanId,
  parentSpanId: null,
  name: span.name,
  kind: span.kind,
  service: span.service,
  phase: span.phase,
  startNs: span.startNs,
  endNs: null,
  isLost: span.isLost ?? false,
  isRemote: false,
  error: null,
  firstTokenNs: null,
  attributes: {},
  children: [],
});
