import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import type { GatewayError } from '../errors.ts';
import type { Exchange } from '../gateway/ports.ts';
import type { Api } from '../gateway/relay.ts';
import type { TurnSupport } from '../gateway/turn-support.ts';
import type { Pace } from '../pace.ts';
import type { OpenRequestOptions, RequestTrace } from '../telemetry/index.ts';
import type { Admission } from './admission/admission.ts';
import { createPlace } from './admission/place.ts';
import { DEADLINE_HEADER, type Deadline, readDeadline } from './deadline.ts';
import type { Exchanges } from './exchanges.ts';
import type { Health } from './health.ts';
import { createNodeClient } from './node-client.ts';
import { addPlainRoutes } from './plain-routes.ts';
import { type ReceiveDeps, receive } from './receive.ts';
import { chooseRequestId, type RequestId } from './request-id.ts';
import { OTHER_ROUTE, PASSTHROUGH, RELAYED_ROUTES, ROUTES, type Route, routerPath } from './routes.ts';
import { createUpcomingBody, type UpcomingBody } from './upcoming-body.ts';
import type { WelcomeFacts } from './welcome.ts';

export interface AppDeps {
  readonly exchanges: Exchanges;
  readonly receive: ReceiveDeps;
  readonly admission: Admission;
  /** A client that takes no byte for so long, in milliseconds, is cut off. */
  readonly stallMs: number;
  readonly openTrace: (options: OpenRequestOptions) => RequestTrace;
  /** Names the SERVER span of a request outside the API, and gives its trace id; null where there is none. */
  readonly nameServerSpan: (reqId: string, httpRoute: string) => string | null;
  readonly randomHex: (bytes: number) => string;
  readonly health: () => Health | Promise<Health>;
  /** Told to stop: asked for each request, so it is not put together from the state of everything. */
  readonly isDraining: () => boolean;
  readonly version: string;
  /** What the API's description says of its parameters; null where that is nothing. */
  readonly support: TurnSupport | null;
  /** For the page that greets. */
  readonly welcome: WelcomeFacts;
  readonly pace: Pace;
}

type Env = { Bindings: HttpBindings };

/** Methods that telemetry names; any other is `_OTHER`, as the conventions ask. */
const METHODS = new Set('GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT QUERY'.split(' '));

/** The HTTP application: every `/v1` path and every unknown one is a traced request; health checks are not. */
export const createApp = (deps: AppDeps): Hono<Env> => {
  const app = new Hono<Env>();
  for (const route of [...ROUTES, ...RELAYED_ROUTES, PASSTHROUGH])
    app.all(routerPath(route), serve(deps, route));
  addPlainRoutes(app, {
    health: deps.health,
    requestIdOf: (incoming) => requestIdOf(incoming, deps).reqId,
    checkSite: deps.receive.checkSite,
    traceIdOf: deps.nameServerSpan,
    welcome: deps.welcome,
    version: deps.version,
    support: deps.support,
  });
  app.notFound(serve(deps, null));
  return app;
};

const requestIdOf = (incoming: IncomingMessage, { randomHex, receive: { sanitizer } }: AppDeps): RequestId =>
  chooseRequestId(incoming.headers['x-request-id']?.toString(), randomHex, sanitizer.sanitizeText);

/** The route if a backend serves it, or else the passthrough; null if none does. A reload may change that. */
const served = (route: Route | null, { receive: { router } }: AppDeps): Route | null => {
  if (route === null || route.asks.type === 'models' || route.asks.toTurn !== null) return route;
  const serves = ({ path }: Route, api: Api): boolean =>
    router.serves({ api, target: path.slice('/v1'.length) });
  if (serves(route, route.asks.api)) return route;
  return serves(PASSTHROUGH, 'other') ? PASSTHROUGH : null;
};

const serve =
  (deps: AppDeps, known: Route | null) =>
  async (c: Context<Env>): Promise<Response> => {
    const { incoming, outgoing } = c.env;
    const route = served(known, deps);
    const place = createPlace(deps.admission);
    try {
      await runExchange(
        deps,
        incoming,
        outgoing,
        route,
        (exchange, { deadline, body }) =>
          (span) =>
            receive(exchange, incoming, { path: c.req.path, route }, span, {
              ...deps.receive,
              deadline,
              body,
              place,
            }),
      );
    } finally {
      place.release();
    }
    return RESPONSE_ALREADY_SENT;
  };

/** Answers a request that the router never sees: the same records, the same envelope. */
export const refuseRequest = (
  deps: AppDeps,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  error: GatewayError,
): Promise<void> =>
  runExchange(deps, incoming, outgoing, null, ({ trace }, { body }) => (span) => {
    trace.setApart();
    body.leave();
    span.event('client_request', { about: { method: incoming.method, refused: error.code } });
    return Promise.reject(error);
  });

/** What a request brings along beside its head. */
interface Brought {
  readonly deadline: Deadline;
  readonly body: UpcomingBody;
}

const runExchange = async (
  deps: AppDeps,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  route: Route | null,
  receiver: (exchange: Exchange, brought: Brought) => Exchange['receive'],
): Promise<void> => {
  const { reqId, rejected } = requestIdOf(incoming, deps);
  outgoing.setHeader('x-request-id', reqId);
  // What comes next on this connection should go to another gateway.
  if (deps.isDraining()) outgoing.setHeader('connection', 'close');
  const { method = '', headers } = incoming;
  const deadline = readDeadline(headers[DEADLINE_HEADER]);
  const body = createUpcomingBody(incoming, outgoing);
  const httpRoute = route?.path ?? null;
  const scope = {
    reqId,
    route: httpRoute ?? OTHER_ROUTE,
    method: METHODS.has(method) ? method : '_OTHER',
    mode: 'other' as const,
  };
  await deps.exchanges.run({
    reqId,
    socket: incoming.socket,
    openTrace: () => deps.openTrace({ scope, httpRoute, rejectedReqId: rejected, headers }),
    createClient: (signal, stalled, traceId) => {
      outgoing.setHeader('x-trace-id', traceId);
      const { stallMs, pace } = deps;
      return createNodeClient(outgoing, method, { signal, stalled, stallMs, pace });
    },
    deadline,
    receive: (exchange) => receiver(exchange, { deadline, body }),
    body: () => body.state,
    onDeparture: (left) => outgoing.once('close', () => outgoing.writableFinished || left()),
  });
};
