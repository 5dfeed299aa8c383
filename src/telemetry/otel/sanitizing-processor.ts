import type { Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import { sanitizeAttributes, sanitizeText } from '../sanitize.ts';
import { ATTR_URL_QUERY } from '../semconv.ts';

/** A secret's name may be spelled in percent signs; then the query is kept decoded and clean. */
const cleanQuery = (query: string): string => {
  try {
    const decoded = decodeURIComponent(query);
    const clean = sanitizeText(decoded);
    return clean === decoded ? query : clean;
  } catch {
    return query;
  }
};

const sanitizeSpan = (span: Span): void => {
  const clean = sanitizeAttributes(span.attributes);
  if (typeof clean[ATTR_URL_QUERY] === 'string') clean[ATTR_URL_QUERY] = cleanQuery(clean[ATTR_URL_QUERY]);
  for (const [key, value] of Object.entries(clean)) {
    if (value !== undefined && value !== span.attributes[key]) span.setAttribute(key, value);
  }
};

/** Passes what instrumentations set through the sanitizer too, before any other processor or exporter sees it. */
export const createSanitizingProcessor = (): SpanProcessor => ({
  onStart: sanitizeSpan,
  onEnding(span) {
    sanitizeSpan(span);
    const name = sanitizeText(span.name);
    if (name !== span.name) span.updateName(name);
    const { code, message } = span.status;
    if (message) span.setStatus({ code, message: sanitizeText(message) });
  },
  onEnd: () => undefined,
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
});
