import type { HttpBackendSettings } from '../../../gateway/http-backend-settings.ts';
import type { Carrier } from '../../../gateway/ports.ts';
import type { RelayHeaders, RelayRequest } from '../../../gateway/relay.ts';

type Incoming = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Headers of a client that go on to any backend. */
const FROM_CLIENT = [
  'content-type',
  'accept',
  'openai-beta',
  'openai-organization',
  'openai-project',
  'idempotency-key',
] as const;

/** What the connection, the body or the gateway decides, whatever the configuration names. */
const NOT_CONFIGURABLE = new Set(
  (
    'host connection keep-alive proxy-connection te trailer transfer-encoding upgrade content-length expect accept-encoding ' +
    'x-request-id traceparent tracestate x-upstream-service'
  ).split(' '),
);

/** Headers of a request that telemetry may show: those of the configuration may hold anything. */
const SHOWN_OF_REQUEST = new Set<string>([
  ...FROM_CLIENT,
  'user-agent',
  'accept-encoding',
  'x-request-id',
  'x-upstream-service',
  'traceparent',
  'tracestate',
]);

/** Headers of an answer that go on to the client. `content-encoding`: some servers compress although nobody asked for it. */
const FROM_BACKEND = new Set(
  (
    'content-type content-length content-encoding content-language content-disposition cache-control etag last-modified location ' +
    'retry-after x-should-retry'
  ).split(' '),
);
const FROM_BACKEND_PREFIX = /^(?:x-ratelimit-|openai-)/;

/** By these the operators of the backend find a request; they are shown, and do not go on. */
const SHOWN_OF_ANSWER = new Set(
  'date server via x-request-id x-trace-id cf-ray transfer-encoding'.split(' '),
);

/** What forwards, as `x-upstream-service` and in `metadata.source_service`. */
export const SERVICE = 'throughline';

export interface Sender {
  readonly version: string;
  /** Null where a request is made for nobody. */
  readonly reqId: string | null;
  /** The trace context of the attempt; an empty `traceparent` where it has none. */
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

const configured = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .filter(([name]) => !NOT_CONFIGURABLE.has(name)),
  );

/** The backend's own key, or what the client sent where the route forwards that: never both. */
const authorizationOf = (
  { auth, key }: HttpBackendSettings,
  headers: Incoming,
): Readonly<Record<string, string>> => {
  if (auth === 'forward') return pick(headers, ['authorization']);
  return key === null ? {} : { authorization: `Bearer ${key}` };
};

/** Who asks, for a backend that may know it. */
const identity = (trust: boolean, { reqId, carrier }: Sender): Readonly<Record<string, string>> => ({
  ...(reqId !== null && { 'x-request-id': reqId }),
  ...(trust && { 'x-upstream-service': SERVICE }),
  ...(trust && carrier.traceparent !== '' && carrier),
});

/** The headers of a request that is sent on, by lower-case name. Of the client's only those of a list go on. */
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

/** Of the headers of a request those that telemetry may show. */
export const shownRequestHeaders = (headers: RelayHeaders): RelayHeaders => pick(headers, SHOWN_OF_REQUEST);

const goesOn = (name: string): boolean => FROM_BACKEND.has(name) || FROM_BACKEND_PREFIX.test(name);

/** Of the headers of an answer those that go on to the client, and those that telemetry may show. */
export const answerHeaders = (
  headers: Incoming,
): { readonly headers: RelayHeaders; readonly shownHeaders: RelayHeaders } => {
  const names = Object.keys(headers);
  return {
    headers: pick(headers, names.filter(goesOn)),
    shownHeaders: pick(
      headers,
      names.filter((name) => goesOn(name) || SHOWN_OF_ANSWER.has(name)),
    ),
  };
};
