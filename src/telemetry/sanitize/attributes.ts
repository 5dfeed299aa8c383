import type { ValueRules } from './entries.ts';
import type { JsonRules } from './json.ts';
import { REDACTED } from './rule.ts';

/** Names only, in lower case: what each value may be shown, after it has passed the text rules. */
const SHOWN = new Set(
  (
    'accept accept-charset accept-encoding accept-language accept-ranges access-control-allow-headers access-control-allow-methods ' +
    'access-control-allow-origin access-control-max-age access-control-request-headers access-control-request-method age allow alt-svc ' +
    'anthropic-beta anthropic-version b3 cache-control cdn-loop cf-connecting-ip cf-ipcountry cf-ray cf-visitor connection ' +
    'content-disposition content-encoding content-language content-length content-security-policy content-type date dnt etag expect ' +
    'expires forwarded host idempotency-key if-match if-modified-since if-none-match if-range keep-alive last-modified ' +
    'max-forwards openai-beta openai-processing-ms openai-version origin pragma priority range retry-after retry-after-ms save-data ' +
    'server server-timing strict-transport-security te trailer transfer-encoding traceparent tracestate true-client-ip ' +
    'upgrade upgrade-insecure-requests user-agent uber-trace-id vary via www-authenticate x-amzn-requestid x-amzn-trace-id x-amz-cf-id ' +
    'x-b3-flags x-b3-parentspanid x-b3-sampled x-b3-spanid x-b3-traceid x-cache x-client-name x-client-version x-cloud-trace-context ' +
    'x-content-type-options x-correlation-id x-envoy-attempt-count x-forwarded-for x-forwarded-host x-forwarded-port x-forwarded-prefix ' +
    'x-forwarded-proto x-frame-options x-real-ip x-request-id x-request-start x-request-timeout-ms x-requested-with x-response-time ' +
    'x-should-retry x-trace-force x-trace-id'
  ).split(' '),
);
const SHOWN_PREFIXES = ['x-stainless-', 'x-ratelimit-', 'sec-fetch-', 'sec-ch-'];

/** Whether a header of this name (in lower case) is shown with its value. */
export const isShownHeader = (name: string): boolean =>
  SHOWN.has(name) || SHOWN_PREFIXES.some((prefix) => name.startsWith(prefix));

/** Headers as Node, fetch and Hono have them. */
type HeaderSource =
  | Iterable<readonly [string, string]>
  | Readonly<Record<string, string | number | readonly string[] | undefined>>;

const headerEntries = (headers: HeaderSource): Iterable<readonly [string, unknown]> =>
  typeof (headers as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function'
    ? (headers as Iterable<readonly [string, string]>)
    : Object.entries(headers);

const HEADER_START = 'http.re';
const HEADER = /^http\.(?:request|response)\.header\.(.+)$/;

/** Cleans what OpenTelemetry calls attributes, and headers. */
export interface AttributeRules {
  /** Whether a value under this key is redacted whole. */
  readonly isSecretAttribute: (key: string) => boolean;
  /**
   * OpenTelemetry attributes by key and by value: strings and lists of strings are cleaned, numbers and booleans stay.
   * A value with nothing to redact is the same value (the same array, too), and the same object comes back when all are.
   */
  readonly attributes: <Attributes extends object>(attributes: Attributes) => Attributes;
  /** Headers by allowlist, names in lower case: the others show that they were there, and nothing of their values. */
  readonly headers: (headers: HeaderSource) => Record<string, string | string[]>;
}

const cleanValue = (value: unknown, clean: (text: string) => string): unknown => {
  if (typeof value === 'string') return clean(value);
  if (!Array.isArray(value)) return value;
  let copy: unknown[] | undefined;
  for (let index = 0; index < value.length; index++) {
    const item: unknown = value[index];
    const shown = typeof item === 'string' ? clean(item) : item;
    if (shown !== item) copy ??= [...value];
    if (copy) copy[index] = shown;
  }
  return copy ?? value;
};

export const createAttributeRules = (
  { sensitivityOf, cleanText }: ValueRules,
  json: JsonRules,
): AttributeRules => {
  // A name that the user calls sensitive is so in the allowlist, too; those of ours there are no secrets.
  const isHidden = (header: string): boolean =>
    !isShownHeader(header) || sensitivityOf(header) === 'password';

  const isSecretAttribute = (key: string): boolean => {
    const header = key.startsWith(HEADER_START) ? HEADER.exec(key)?.[1] : undefined;
    return header === undefined ? sensitivityOf(key) !== undefined : isHidden(header.toLowerCase());
  };

  const hide = (text: string): string => (text === '' ? text : REDACTED);
  // The query stands alone in this attribute; its first key is known as one only behind a question mark.
  const cleanQuery = (text: string): string => cleanText(`?${text}`).slice(1);

  const cleanerOf = (key: string): ((text: string) => string) => {
    if (isSecretAttribute(key)) return hide;
    return key === 'url.query' ? cleanQuery : json.text;
  };

  return {
    isSecretAttribute,
    attributes(attributes) {
      const changes: [string, unknown][] = [];
      for (const key of Object.keys(attributes)) {
        const value = attributes[key as keyof typeof attributes] as unknown;
        if (typeof value !== 'string' && typeof value !== 'object') continue;
        const clean = cleanValue(value, cleanerOf(key));
        if (clean !== value) changes.push([key, clean]);
      }
      return changes.length === 0 ? attributes : { ...attributes, ...Object.fromEntries(changes) };
    },
    headers(headers) {
      const clean = new Map<string, string | string[]>();
      for (const [key, value] of headerEntries(headers)) {
        if (value === undefined) continue;
        const name = cleanText(key.toLowerCase());
        const show = isHidden(name) ? () => REDACTED : (part: unknown) => cleanText(String(part));
        clean.set(name, Array.isArray(value) ? value.map(show) : show(value));
      }
      return Object.fromEntries(clean);
    },
  };
};
