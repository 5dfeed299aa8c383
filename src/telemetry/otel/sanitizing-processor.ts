import type { Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { CapturePolicy } from '../policy/index.ts';
import type { Sanitizer } from '../sanitize.ts';
import {
  ATTR_CLIENT_ADDRESS,
  ATTR_SERVER_ADDRESS,
  ATTR_URL_PATH,
  ATTR_URL_QUERY,
  ATTR_USER_AGENT_ORIGINAL,
} from '../semconv.ts';

/** Whoever reads a path or a query may decode it, and what stands behind may decode it again. */
const DECODINGS = 2;
/** The escapes of ASCII, one by one, so that a broken one hides none of the others; `%26` is no border between parameters. */
const ESCAPE = /%(?!26)[0-7][0-9a-f]/gi;

const CUT = '…';

const decode = (text: string): string =>
  text.replace(ESCAPE, (escaped) => String.fromCharCode(Number.parseInt(escaped.slice(1), 16)));

/** A secret may be spelled in percent signs; then the text is kept decoded and clean, else as it is. */
const cleanEncoded = (key: string, text: string, { sanitizeAttributes }: Sanitizer): string => {
  let kept = text;
  let decoded = text;
  for (let round = 0; round < DECODINGS; round++) {
    const spelled = decode(decoded);
    decoded = String(sanitizeAttributes({ [key]: spelled })[key]);
    if (decoded !== spelled) kept = decoded;
  }
  return kept;
};

/** What the HTTP instrumentation copies from a request's head, and how much of it anybody needs. Node takes heads of 16 kB. */
const HEAD_CHARS: Readonly<Record<string, number>> = {
  [ATTR_URL_PATH]: 1024,
  [ATTR_URL_QUERY]: 1024,
  [ATTR_USER_AGENT_ORIGINAL]: 256,
  [ATTR_CLIENT_ADDRESS]: 256,
  [ATTR_SERVER_ADDRESS]: 256,
};

/** Behind the sanitizer, which does not know half a secret as one; what was cut once stays as it is. */
const cut = (text: string, chars: number): string =>
  text.length <= chars + CUT.length ? text : `${text.slice(0, chars).toWellFormed()}${CUT}`;

const sanitizeSpan = (span: Span, sanitizer: Sanitizer): void => {
  const clean = { ...sanitizer.sanitizeAttributes(span.attributes) };
  for (const key of [ATTR_URL_PATH, ATTR_URL_QUERY]) {
    const value = clean[key];
    if (typeof value === 'string') clean[key] = cleanEncoded(key, value, sanitizer);
  }
  for (const [key, chars] of Object.entries(HEAD_CHARS)) {
    const value = clean[key];
    if (typeof value === 'string') clean[key] = cut(value, chars);
  }
  setChanged(span, clean);
};

const setChanged = (span: Span, attributes: Span['attributes']): void => {
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== span.attributes[key]) span.setAttribute(key, value);
  }
};

/** At the end alone: only then is known which route a path belongs to. */
const applyPolicy = (span: Span, policy: CapturePolicy): void => {
  const { sanitizeText } = policy.sanitizer;
  setChanged(span, policy.attributes(span.attributes));
  const name = policy.spanName(sanitizeText(span.name), span.attributes);
  if (name !== span.name) span.updateName(name);
  const { code, message } = span.status;
  if (message) span.setStatus({ code, message: policy.words(sanitizeText(message)) });
};

/**
 * Passes everything that a span has, what instrumentations set included, through the sanitizer and the capture policy, before any other
 * processor or exporter sees it.
 */
export const createSanitizingProcessor = (policy: CapturePolicy): SpanProcessor => ({
  onStart: (span) => sanitizeSpan(span, policy.sanitizer),
  onEnding(span) {
    sanitizeSpan(span, policy.sanitizer);
    applyPolicy(span, policy);
  },
  onEnd: () => undefined,
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
});
