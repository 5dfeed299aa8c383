import type { IncomingMessage } from 'node:http';
import { headOf } from '../cut.ts';
import { GatewayError } from '../errors.ts';
import type { Exchange, TraceSpan } from '../gateway/ports.ts';
import type { Call, TurnCall } from '../gateway/turn.ts';
import type { Pace } from '../pace.ts';
import type { Sanitizer } from '../telemetry/index.ts';
import type { BackendPlace } from './admission/place.ts';
import type { Authenticate } from './auth.ts';
import type { Deadline } from './deadline.ts';
import { assertCarriable } from './json-limits.ts';
import { noRoute } from './likely-path.ts';
import { type ParsedBody, parseBody } from './parse-body.ts';
import { type BodyLimits, readBody } from './read-body.ts';
import { recordedHead } from './recorded-head.ts';
import type { RequestOptions } from './requests/parameters.ts';
import type { Route } from './routes.ts';
import type { CheckSite } from './sites.ts';
import type { UpcomingBody } from './upcoming-body.ts';

export interface ReceiveDeps {
  readonly checkSite: CheckSite;
  readonly authenticate: Authenticate;
  readonly limits: BodyLimits;
  /** Whether anyone may ask for a trace to be kept; else only who has a key may. */
  readonly anyoneForcesTrace: boolean;
  readonly requests: RequestOptions;
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

/** Reads the body of a sender who is let in, where the route has one; of every other body only the declared size is known. */
const takeBody = async (
  { signal }: Exchange,
  request: IncomingMessage,
  isWanted: boolean,
  { limits, body, pace }: ReceiveOptions,
): Promise<ParsedBody> => {
  if (isWanted) {
    body.invite();
    return parseBody(request, await readBody(request, limits, signal), pace);
  }
  body.leave();
  return body.declaredBytes === 0 ? { type: 'none' } : { type: 'unread', size: body.declaredBytes };
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
  const hasUse = route ? route.body !== null && method !== 'OPTIONS' : hasBody(request);
  const parsed = await takeBody(exchange, request, isKnown && hasUse, options);
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
  exchange.facts.model = modelOf(value);
  await takePlace(exchange, options.place, span);
  const call = await route.toCall(value, { ...options.requests, pace: options.pace }, path);
  if (call.type === 'turn') recordIgnored(exchange, span, call);
  return call;
};

/** For the client's header and for the trace, which has the names that the client made up where it may have its content. */
const recordIgnored = (
  { facts }: Exchange,
  span: TraceSpan,
  { ignored, emulated, unknown }: TurnCall,
): void => {
  facts.emulated = emulated;
  if (emulated.length > 0) span.set({ 'throughline.emulated_parameters': emulated });
  facts.ignored = [...ignored, ...unknown.names];
  if (ignored.length > 0) span.set({ 'throughline.ignored_parameters': ignored });
  if (unknown.count > 0) {
    span.set({
      'throughline.unknown_fields': unknown.names,
      'throughline.unknown_fields.count': unknown.count,
    });
  }
};

/** Waits for a place among those that use the backend, and says how long that took. */
const takePlace = async (exchange: Exchange, place: BackendPlace, span: TraceSpan): Promise<void> => {
  const { signal, facts, trace } = exchange;
  const askedNs = span.now();
  try {
    await place.take({ key: facts.keyName, stream: trace.scope.mode.endsWith('_stream'), signal });
  } finally {
    span.set({ 'throughline.queue_ms': Number(span.now() - askedNs) / 1e6 });
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

const modelOf = (body: unknown): string | null => {
  const model = (body as { model?: unknown } | null)?.model;
  return typeof model === 'string' ? headOf(model, 256) || null : null;
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
