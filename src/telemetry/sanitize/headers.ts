import { REDACTED } from './rule.ts';
import { sanitizeText } from './scanner.ts';

/** Names only, in lower case: what each value may be shown, after it has passed the text rules. */
const SHOWN = new Set(
  (
    'accept accept-encoding accept-language access-control-request-headers access-control-request-method age allow ' +
    'anthropic-version cache-control connection content-encoding content-length content-type date expect host keep-alive ' +
    'openai-beta openai-processing-ms openai-version origin retry-after retry-after-ms server server-timing traceparent ' +
    'tracestate transfer-encoding user-agent vary via www-authenticate x-request-id x-request-timeout-ms x-should-retry x-trace-force'
  ).split(' '),
);
const SHOWN_PREFIXES = ['x-stainless-', 'x-ratelimit-'];

/** Whether a header of this name (in lower case) is shown with its value. */
export const isShownHeader = (name: string): boolean =>
  SHOWN.has(name) || SHOWN_PREFIXES.some((prefix) => name.startsWith(prefix));

/** Headers as Node, fetch and Hono have them. */
export type HeaderSource =
  | Iterable<readonly [string, string]>
  | Readonly<Record<string, string | number | readonly string[] | undefined>>;

const entriesOf = (headers: HeaderSource): Iterable<readonly [string, unknown]> =>
  typeof (headers as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function'
    ? (headers as Iterable<readonly [string, string]>)
    : Object.entries(headers);

/** Headers by allowlist, names in lower case: the others show that they were there, and nothing of their values. */
export const sanitizeHeaders = (headers: HeaderSource): Record<string, string | string[]> => {
  const clean = new Map<string, string | string[]>();
  for (const [key, value] of entriesOf(headers)) {
    if (value === undefined) continue;
    const name = sanitizeText(key.toLowerCase());
    const show = isShownHeader(name) ? (part: unknown) => sanitizeText(String(part)) : () => REDACTED;
    clean.set(name, Array.isArray(value) ? value.map(show) : show(value));
  }
  return Object.fromEntries(clean);
};
