import type { HttpBackendSettings } from '../../../gateway/http-backend-settings.ts';
import type { Carrier } from '../../../gateway/ports.ts';
import type { RelayHeaders, RelayRequest } from '../../../gateway/relay.ts';

type Incoming = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Request headers of the client that are forwarded to any backend. */
const FROM_CLIENT = [
  'content-type',
  'accept',
  'openai-beta',
  'openai-organization',
  'openai-project',
  'idempotency-key',
] as const;

/** Headers that the gateway sets itself: the configuration cannot change them. */
const NOT_CONFIGURABLE = new Set(
  (
    'host connection keep-alive proxy-connection te trailer transfer-encoding upgrade content-length expect accept-encoding ' +
    'x-request-id traceparent tracestate x-upstream-service'
  ).split(' '),
);

/** Request headers that telemetry may show. Configured headers may hold secrets. */
const SHOWN_OF_REQUEST = new Set<string>([
  ...FROM_CLIENT,
  'user-agent',
  'accept-encoding',
  'x-request-id',
  'x-upstream-service',
  'traceparent',
  'tracestate',
]);

/** Answer headers that are forwarded to the client. `content-encoding`: some servers compress although they were not asked to. */
const FROM_BACKEND = new Set(
  (
    'content-type content-length content-encoding content-language content-disposition cache-control etag last-modified location ' +
    'retry-after x-should-retry'
  ).split(' '),
);
const FROM_BACKEND_PREFIXES = ['x-ratelimit-', 'openai-'] as const;

/** Answer headers that telemetry shows and the client does not get: they help the backend's operators to find a request. */
const SHOWN_OF_ANSWER = new Set(
  'date server via x-request-id x-trace-id cf-ray transfer-encoding'.split(' '),
);

/** The gateway's name in `x-upstream-service` and `metadata.source_service`. */
export const SERVICE = 'throughline';

export interface Sender {
  readonly version: string;
  /** Null for the gateway's own requests. */
  readonly reqId: string | null;
  /** The trace context of the attempt; `traceparent` is empty if there is none. */
  readonly carrier: Carrier;
}

const textOf = (value: string | readonly string[] | undefined): string | undefined =>
  value === undefined || typeof value === 'string' ? value : value.join(', ');

const pick = (headers: Incoming, names: Iterable<string>): Record<string, string> => {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = textOf(headers[name]);
    if (value !== undefined) picked[name] = value;
  }
  return picked;
};

const configured = (headers: RelayHeaders): RelayHeaders => {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (!NOT_CONFIGURABLE.has(lower)) kept[lower] = value;
  }
  return kept;
};

/** The backend's own key or, with `auth: forward`, the client's `Authorization`. Never both. */
const authorizationOf = (
  { auth, key }: HttpBackendSettings,
  headers: Incoming,
): Readonly<Record<string, string>> => {
  if (auth === 'forward') return pick(headers, ['authorization']);
  return key === null ? {} : { authorization: `Bearer ${key}` };
};

/** The request id and, for a trusted backend, the service name and the trace context. */
const identity = (trust: boolean, { reqId, carrier }: Sender): Readonly<Record<string, string>> => ({
  ...(reqId !== null && { 'x-request-id': reqId }),
  ...(trust && { 'x-upstream-service': SERVICE }),
  ...(trust && carrier.traceparent !== '' && carrier),
});

/** The headers of the request to a backend, by lower-case name. Of the client's headers only those in `FROM_CLIENT` are forwarded. */
export const requestHeaders = (
  settings: HttpBackendSettings,
  clientHeaders: RelayRequest['headers'],
  sender: Sender,
): Record<string, string> => ({
  ...pick(clientHeaders, FROM_CLIENT),
  'user-agent': `${SERVICE}/${sender.version}`,
  ...configured(settings.headers),
  'accept-encoding': 'identity',
  ...authorizationOf(settings, clientHeaders),
  ...identity(settings.trust, sender),
});

/** The request headers that telemetry may show. */
export const shownRequestHeaders = (headers: RelayHeaders): RelayHeaders => pick(headers, SHOWN_OF_REQUEST);

const goesOn = (name: string): boolean =>
  FROM_BACKEND.has(name) || FROM_BACKEND_PREFIXES.some((prefix) => name.startsWith(prefix));

/** The answer headers that are forwarded to the client, and those that telemetry may show. */
export const answerHeaders = (
  headers: Incoming,
): { readonly headers: RelayHeaders; readonly shownHeaders: RelayHeaders } => {
  const picked: Record<string, string> = {};
  const shown: Record<string, string> = {};
  for (const name of Object.keys(headers)) {
    const isForClient = goesOn(name);
    if (!isForClient && !SHOWN_OF_ANSWER.has(name)) continue;
    const value = textOf(headers[name]);
    if (value === undefined) continue;
    shown[name] = value;
    if (isForClient) picked[name] = value;
  }
  return { headers: picked, shownHeaders: shown };
};
