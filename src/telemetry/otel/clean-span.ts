import type { Attributes, SpanStatus } from '@opentelemetry/api';
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
  if (!text.includes('%')) return text;
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
const HEAD_CHARS: readonly (readonly [key: string, chars: number])[] = [
  [ATTR_URL_PATH, 1024],
  [ATTR_URL_QUERY, 1024],
  [ATTR_USER_AGENT_ORIGINAL, 256],
  [ATTR_CLIENT_ADDRESS, 256],
  [ATTR_SERVER_ADDRESS, 256],
];
const ENCODED = [ATTR_URL_PATH, ATTR_URL_QUERY];

/** Behind the sanitizer, which does not know half a secret as one; what was cut once stays as it is. */
const cut = (text: string, chars: number): string =>
  text.length <= chars + CUT.length ? text : `${text.slice(0, chars).toWellFormed()}${CUT}`;

/** The attributes of a span without secrets. */
export const cleanSpanAttributes = (given: Attributes, sanitizer: Sanitizer): Attributes => {
  const clean: Attributes = { ...sanitizer.sanitizeAttributes(given) };
  for (const key of ENCODED) {
    const value = clean[key];
    if (typeof value === 'string') clean[key] = cleanEncoded(key, value, sanitizer);
  }
  for (const [key, chars] of HEAD_CHARS) {
    const value = clean[key];
    if (typeof value === 'string') clean[key] = cut(value, chars);
  }
  return clean;
};

/** What a span says that may have to be cleaned. */
export interface SpanWords {
  readonly name: string;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
}

/** A span at its end as it may leave: only then is known which route a path belongs to. */
export const cleanSpan = ({ name, status, attributes }: SpanWords, policy: CapturePolicy): SpanWords => {
  const { sanitizeText } = policy.sanitizer;
  const shown = policy.attributes(cleanSpanAttributes(attributes, policy.sanitizer));
  const { code, message } = status;
  return {
    name: policy.spanName(sanitizeText(name), shown),
    status: message ? { code, message: policy.words(sanitizeText(message)) } : status,
    attributes: shown,
  };
};
