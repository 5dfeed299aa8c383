import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import { RANDOM_FLAG } from './trace-context.ts';

/** Lets the random flag of a parent go on to its children: the SDK's tracer gives a span the sampled flag alone. */
export const createRandomFlagProcessor = (): SpanProcessor => ({
  onStart(span) {
    const inherited = (span.parentSpanContext?.traceFlags ?? 0) & RANDOM_FLAG;
    span.spanContext().traceFlags |= inherited;
  },
  onEnd: () => undefined,
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
});
