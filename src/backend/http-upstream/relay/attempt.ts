import type { HttpBackendSettings } from '../../../gateway/http-backend-settings.ts';
import type { TraceSpan } from '../../../gateway/ports.ts';
import type { RelayBody } from '../../../gateway/relay.ts';
import type { WallTimers } from '../../../later.ts';
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_RESEND_COUNT,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_NETWORK_PROTOCOL_NAME,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_PATH,
  ATTR_URL_SCHEME,
  ATTR_URL_TEMPLATE,
} from '../../../telemetry/semconv.ts';
import type { Connections } from './connections.ts';
import { requestHeaders, shownRequestHeaders } from './headers.ts';
import { type UpstreamPath, upstreamPath } from './paths.ts';
import { startCall, type UpstreamCall, type UpstreamFailure, type UpstreamHead } from './upstream-call.ts';

/** What each request to one server needs. */
export interface ServerDeps {
  readonly settings: HttpBackendSettings;
  readonly connections: Connections;
  readonly timers: WallTimers;
  /** The gateway's version, for `user-agent`. */
  readonly version: string;
}

export interface AttemptRequest {
  readonly method: string;
  /** The path below the server's `/v1`, with its query. */
  readonly target: string;
  readonly clientHeaders: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: RelayBody;
  /** The body as telemetry may show it. */
  readonly shown: unknown;
}

interface AttemptOptions {
  /** The parent of the attempt's span. */
  readonly parent: TraceSpan;
  readonly reqId: string | null;
  readonly signal: AbortSignal;
  /** How many attempts came before this one. */
  readonly resends: number;
  /** Whether to open a new connection. */
  readonly fresh: boolean;
}

/** One attempt to send a request, and its result. */
export interface RelayAttempt {
  readonly span: TraceSpan;
  readonly call: UpstreamCall;
  readonly result: UpstreamHead | UpstreamFailure;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/** The host and the port of a server's URL. */
export const serverOf = ({ protocol, hostname, port }: URL) => ({
  address: hostname.replace(/^\[|\]$/g, ''),
  port: port === '' ? (DEFAULT_PORTS[protocol] ?? 0) : Number(port),
});

const openSpan = (
  { settings: { name, url } }: ServerDeps,
  { method }: AttemptRequest,
  { path, template }: UpstreamPath,
  { parent, resends }: AttemptOptions,
): TraceSpan => {
  const { address, port } = serverOf(url);
  return parent.child(method, 'CLIENT', {
    'throughline.backend': name,
    [ATTR_HTTP_REQUEST_METHOD]: method,
    [ATTR_SERVER_ADDRESS]: address,
    [ATTR_SERVER_PORT]: port,
    [ATTR_URL_SCHEME]: url.protocol.slice(0, -1),
    [ATTR_URL_PATH]: path,
    [ATTR_URL_TEMPLATE]: template,
    [ATTR_NETWORK_PROTOCOL_NAME]: 'http',
    [ATTR_NETWORK_PROTOCOL_VERSION]: '1.1',
    [ATTR_HTTP_REQUEST_RESEND_COUNT]: resends > 0 ? resends : undefined,
  });
};

const sizeOf = (body: RelayBody): number | null => {
  if (body.type === 'bytes') return body.bytes.length;
  return body.type === 'stream' ? body.size : 0;
};

const FIRST_ERROR_STATUS = 400;

const noteResult = (span: TraceSpan, result: UpstreamHead | UpstreamFailure): void => {
  if (result.type === 'head') {
    span.set({ [ATTR_HTTP_RESPONSE_STATUS_CODE]: result.status });
    if (result.status >= FIRST_ERROR_STATUS) span.fail(String(result.status));
  } else if (result.error.outcome !== 'client_disconnect') {
    span.fail(result.error.code, result.error.message);
  }
};

/** Sends a request once. Its CLIENT span ends with the head of the answer, or with the failure. Never rejects. */
export const runAttempt = async (
  deps: ServerDeps,
  request: AttemptRequest,
  options: AttemptOptions,
): Promise<RelayAttempt> => {
  const { settings, connections, timers, version } = deps;
  const { method, body, shown } = request;
  const path = upstreamPath(settings.url, request.target);
  const span = openSpan(deps, request, path, options);
  const headers = requestHeaders(settings, request.clientHeaders, {
    version,
    reqId: options.reqId,
    carrier: span.carrier(),
  });
  span.event('upstream_request', {
    about: { method, path: path.path, headers: shownRequestHeaders(headers), body_bytes: sizeOf(body) },
    ...(shown !== undefined && { payload: shown }),
  });
  const call = startCall(
    { backend: settings.name, connections, timeouts: settings.timeouts, timers, now: () => span.now() },
    { method, path: path.full, headers, body },
    options,
  );
  const result = await call.head;
  noteResult(span, result);
  span.end();
  return { span, call, result };
};
