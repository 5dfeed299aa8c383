import type { IncomingMessage } from 'node:http';
import { headOf } from '../cut.ts';
import { GatewayError } from '../errors.ts';
import type { Call, RequestCall } from '../gateway/call.ts';
import type { Exchange, Router, TraceSpan, TurnBackend } from '../gateway/ports.ts';
import type { RelayRequest } from '../gateway/relay.ts';
import type { TurnCall } from '../gateway/turn.ts';
import { noteParameters } from '../gateway/turn-notes.ts';
import type { Pace } from '../pace.ts';
import type { Sanitizer } from '../telemetry/index.ts';
import type { BackendPlace } from './admission/place.ts';
import type { Authenticate } from './auth.ts';
import type { Deadline } from './deadline.ts';
import { assertCarriable } from './json-limits.ts';
import { noRoute } from './likely-path.ts';
import { isJson, type ParsedBody, parseBody } from './parse-body.ts';
import { type BodyLimits, readBody, tooLarge } from './read-body.ts';
import { recordedHead } from './recorded-head.ts';
import { relayRequestOf } from './relay-request.ts';
import type { RequestOptions } from './requests/parameters.ts';
import type { Asks, Route } from './routes.ts';
import type { CheckSite } from './sites.ts';
import { streamBody } from './stream-body.ts';
import type { UpcomingBody } from './upcoming-body.ts';

export interface ReceiveDeps {
  readonly checkSite: CheckSite;
  readonly authenticate: Authenticate;
  readonly limits: BodyLimits;
  /** Whether anyone may ask for a trace to be kept; else only who has a key may. */
  readonly anyoneForcesTrace: boolean;
  readonly requests: Omit<RequestOptions, 'support'>;
  readonly router: Router;
  readonly pace: Pace;
  readonly sanitizer: Sanitizer;
}

/** What one request brings along. */
export interface ReceiveOptions extends ReceiveDeps {
  readonly deadline: Deadline;
  readonly body: UpcomingBody;
  /** Its place among those that use the backend. */
  readonly place: BackendPlace;
}

/** Where a request goes: the path as the router decoded it, and the route that it found. */
export interface Target {
  readonly path: string;
  readonly route: Route | null;
}

/** The ingress event: the request as it came, or as much of it as may be kept. */
const recordRequest = (
  span: TraceSpan,
  request: IncomingMessage,
  path: string,
  parsed: ParsedBody,
  sanitizer: Sanitizer,
): void => {
  const about = recordedHead(request, path, sanitizer);
  switch (parsed.type) {
    case 'none':
      return span.event('client_request', { about });
    case 'unread':
    case 'stream':
      return span.event('client_request', {
        about: { ...about, body_bytes: parsed.size, body_sha256: null, body_read: false },
      });
    case 'unparsable':
      return span.event('client_request', {
        about: { ...about, body_bytes: parsed.size, body_sha256: parsed.sha256 },
      });
    case 'json':
      return span.event('client_request', { about, payload: parsed.value });
  }
};

/** Whether the body is streamed to the backend: it is not JSON, so the gateway does not parse it. */
const goesThrough = (request: IncomingMessage, route: Route | null): boolean =>
  route?.asks.type === 'backend' && route.asks.api === 'other' && !isJson(request);

/** Reads the body of a sender who is let in, where the route has one; of every other body only the declared size is known. */
const takeBody = async (
  { signal }: Exchange,
  request: IncomingMessage,
  route: Route | null,
  isWanted: boolean,
  { limits, body, pace }: ReceiveOptions,
): Promise<ParsedBody> => {
  const { declaredBytes } = body;
  if (!isWanted) {
    body.leave();
    return declaredBytes === 0 ? { type: 'none' } : { type: 'unread', size: declaredBytes };
  }
  if (declaredBytes === 0 && route?.asks.type === 'backend' && route.asks.toTurn === null)
    return { type: 'none' };
  body.invite();
  if (!goesThrough(request, route)) return parseBody(request, await readBody(request, limits, signal), pace);
  body.leaveRest();
  if (declaredBytes !== null && declaredBytes > limits.maxBytes) {
    return { type: 'unparsable', error: tooLarge(limits.maxBytes), size: declaredBytes, sha256: null };
  }
  const { maxBytes, timeoutMs: silenceMs } = limits;
  return {
    type: 'stream',
    size: declaredBytes,
    chunks: streamBody(request, { maxBytes, silenceMs }, signal),
  };
};

/** Whether the sender is let in, before anything of the body is read. */
const whoSends = (request: IncomingMessage, { checkSite, authenticate }: ReceiveOptions) => {
  const foreign = checkSite(request);
  const admitted = tryAuthenticate(authenticate, request);
  const keyName = admitted instanceof GatewayError ? null : admitted;
  return { foreign, keyless: admitted instanceof GatewayError ? admitted : null, keyName };
};

/** Key, then a bounded read, parsing and the event; then in or out, in this order: key, route, method, body, deadline, limits, fields. */
export const receive = async (
  exchange: Exchange,
  request: IncomingMessage,
  target: Target,
  span: TraceSpan,
  options: ReceiveOptions,
): Promise<Call> => {
  const { route, path } = target;
  const method = request.method ?? '';
  const { foreign, keyless, keyName } = whoSends(request, options);
  const isKnown = foreign === null && keyless === null;
  // Wherever the request goes, and however it ends: who sent it may keep its trace.
  if (request.headers['x-trace-force'] === '1' && (options.anyoneForcesTrace || keyName !== null)) {
    exchange.trace.server.set({ 'throughline.trace.forced': true });
  }
  if (!isKnown) exchange.trace.setApart();
  const hasUse = route ? route.asks.type === 'backend' && method !== 'OPTIONS' : hasBody(request);
  const parsed = await takeBody(exchange, request, route, isKnown && hasUse, options);
  const value = parsed.type === 'json' ? parsed.value : null;
  exchange.trace.scope.mode = route?.mode(value) ?? 'other';
  recordRequest(span, request, path, parsed, options.sanitizer);
  if (foreign) throw foreign;
  if (keyless && needsKey(target)) throw keyless;
  exchange.facts.keyName = needsKey(target) ? keyName : null;
  if (!route) throw new GatewayError('route_not_found', noRoute(method, path));
  const methods = [...route.methods, 'OPTIONS'];
  if (method === 'OPTIONS') return { type: 'methods', methods };
  if (!methods.includes(method)) {
    const allow = methods.join(', ');
    if (wantsWebsocket(request)) throw websocketRefused(route.path, allow);
    throw new GatewayError('method_not_allowed', `${route.path} takes ${allow}, not ${method}.`, {
      headers: { allow },
    });
  }
  if (parsed.type === 'unparsable') throw parsed.error;
  await assertCarriable(value, options.pace);
  if (options.deadline.type === 'invalid') throw options.deadline.error;
  const model = modelOf(value);
  exchange.facts.model = model && (headOf(model, MAX_MODEL_CHARS) || null);
  await takePlace(exchange, options.place, span);
  const { asks } = route;
  if (asks.type === 'models') return asks.toCall(path);
  const call = toModelCall(relayRequestOf(request, route, asks.api, parsed, model), asks, options);
  await validateFor(call, exchange, span);
  return call;
};

/** Makes the call of a request. Its form as a turn is made once for each backend. */
const toModelCall = (
  request: RelayRequest,
  { toTurn }: Extract<Asks, { type: 'backend' }>,
  { router, requests, pace }: ReceiveOptions,
): RequestCall => {
  const turns = new Map<TurnBackend, Promise<TurnCall>>();
  const make = ({ support }: TurnBackend): Promise<TurnCall> =>
    toTurn
      ? toTurn(request.value, { ...requests, support, pace })
      : Promise.reject(new GatewayError('route_not_found', 'No backend here has this API.'));
  return {
    type: 'request',
    request,
    candidates: router.candidates(request),
    toTurn(backend) {
      const turn = turns.get(backend) ?? make(backend);
      turns.set(backend, turn);
      return turn;
    },
  };
};

/** Refuses a request that the first backend cannot serve as a turn. A relay's server checks the request itself. */
const validateFor = async (
  { request, candidates, toTurn }: RequestCall,
  exchange: Exchange,
  span: TraceSpan,
): Promise<void> => {
  const first = candidates?.[0]?.backend;
  if (first?.kind === 'turn') return noteParameters(exchange, span, await toTurn(first));
  const { body, value } = request;
  if (body.type === 'bytes' && (typeof value !== 'object' || value === null || Array.isArray(value)))
    throw new GatewayError('invalid_type', 'The request body: must be a JSON object.');
};

/** Waits for a place among those that use the backend, and says how long that took. */
const takePlace = async (exchange: Exchange, place: BackendPlace, span: TraceSpan): Promise<void> => {
  const { signal, facts, trace } = exchange;
  const askedNs = span.now();
  try {
    await place.take({ key: facts.keyName, stream: trace.scope.mode.endsWith('_stream'), signal });
  } finally {
    facts.times.queueMs = Number(span.now() - askedNs) / 1e6;
    span.set({ 'throughline.queue_ms': facts.times.queueMs });
  }
};

/** Whatever a path is spelled like: what the router finds needs a key, and so does all that is below `/v1`. */
const needsKey = ({ route, path }: Target): boolean => route !== null || path.startsWith('/v1');

const wantsWebsocket = ({ headers }: IncomingMessage): boolean =>
  headers.upgrade?.toLowerCase().includes('websocket') === true;

/** Codex tries a websocket first: this status alone sends it to HTTP at once, any other after five to ten seconds. */
const websocketRefused = (path: string, allow: string): GatewayError =>
  new GatewayError('websocket_not_supported', `${path} is no websocket; it takes ${allow} over HTTP.`, {
    headers: { allow, upgrade: 'HTTP/1.1' },
  });

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** The longest name of a model in records. */
const MAX_MODEL_CHARS = 256;

const modelOf = (body: unknown): string | null => {
  const model = (body as { model?: unknown } | null)?.model;
  return typeof model === 'string' ? model : null;
};

const tryAuthenticate = (
  authenticate: Authenticate,
  request: IncomingMessage,
): string | null | GatewayError => {
  try {
    return authenticate(request.headers.authorization);
  } catch (thrown) {
    if (thrown instanceof GatewayError) return thrown;
    throw thrown;
  }
};
