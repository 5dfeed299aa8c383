import type { Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { CapturePolicy } from '../policy/index.ts';
import { cleanSpan, cleanSpanAttributes } from './clean-span.ts';

const setChanged = (span: Span, attributes: Span['attributes']): void => {
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== span.attributes[key]) span.setAttribute(key, value);
  }
};

/**
 * Passes everything that a span has, what instrumentations set included, through the sanitizer and the capture policy, before any other
 * processor or exporter sees it.
 */
export const createSanitizingProcessor = (policy: CapturePolicy): SpanProcessor => ({
  onStart: (span) => setChanged(span, cleanSpanAttributes(span.attributes, policy.sanitizer)),
  onEnding(span) {
    const { name, status, attributes } = cleanSpan(span, policy);
    setChanged(span, attributes);
    if (name !== span.name) span.updateName(name);
    if (status.message && status.message !== span.status.message) span.setStatus(status);
  },
  onEnd: () => undefined,
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
});
