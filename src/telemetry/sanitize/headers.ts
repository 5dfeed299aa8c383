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
export type HeaderSource =
  | Iterable<readonly [string, string]>
  | Readonly<Record<string, string | number | readonly string[] | undefined>>;

export const headerEntries = (headers: HeaderSource): Iterable<readonly [string, unknown]> =>
  typeof (headers as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function'
    ? (headers as Iterable<readonly [string, string]>)
    : Object.entries(headers);
