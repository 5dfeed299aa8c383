import { given, type OtelEnv, whole } from './variables.ts';

/** What a span and its events may have, by `OTEL_SPAN_*`, `OTEL_EVENT_*` and `OTEL_ATTRIBUTE_*`. */
export interface SpanLimits {
  readonly attributeCount: number;
  readonly valueLength: number;
  readonly eventCount: number;
  readonly attributesPerEvent: number;
  /** Whether attributes of events may be cut: the mirror's lines then carry the events as they are exported. */
  readonly cutsEvents: boolean;
}

/** The SDK's own, of whatever is counted. */
const COUNT = 128;

/** A length of zero or less is none, as the SDK has it. */
const lengthOf = (length: number | undefined): number =>
  length === undefined || length <= 0 ? Number.POSITIVE_INFINITY : length;

/** Reads the limits as the SDK does. */
export const spanLimits = (env: OtelEnv): SpanLimits => ({
  attributeCount:
    whole(env, 'OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT') ?? whole(env, 'OTEL_ATTRIBUTE_COUNT_LIMIT') ?? COUNT,
  valueLength: lengthOf(
    whole(env, 'OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT') ?? whole(env, 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'),
  ),
  eventCount: whole(env, 'OTEL_SPAN_EVENT_COUNT_LIMIT') ?? COUNT,
  attributesPerEvent:
    whole(env, 'OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT') ??
    whole(env, 'OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT') ??
    COUNT,
  cutsEvents: [
    'OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT',
    'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT',
    'OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT',
    'OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT',
  ].some((name) => given(env, name) !== undefined),
});
