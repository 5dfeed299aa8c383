import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import { errorBody, GatewayError } from '../errors.ts';
import type { Exchange } from '../gateway/ports.ts';
import { type RequestOptions, type RequestTrace, sanitizeText } from '../telemetry/index.ts';
import type { Exchanges } from './exchanges.ts';
import { type Health, healthReport } from './health.ts';
import { createNodeClient } from './node-client.ts';
import { createApiDescription } from './openapi/index.ts';
import { type ReceiveDeps, receive } from './receive.ts';
import { chooseRequestId, type RequestId } from './request-id.ts';
import { OTHER_ROUTE, ROUTES, type Route, routerPath } from './routes.ts';

export interface AppDeps {
  readonly exchanges: Exchanges;
  readonly receive: ReceiveDeps;
  readonly openTrace: (options: RequestOptions) => RequestTrace;
  readonly randomHex: (bytes: number) => string;
  readonly health: () => Health;
  readonly version: string;
}

type Env = { Bindings: HttpBindings };

/** Methods that telemetry names; any other is `_OTHER`, as the conventions ask. */
const METHODS = new Set('GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT QUERY'.split(' '));

/** The HTTP application: every `/v1` path and every unknown one is a traced request; health checks are not. */
export const createApp = (deps: AppDeps): Hono<Env> => {
  const app = new Hono<Env>();
  for (const route of ROUTES) app.all(routerPath(route), serve(deps, route));
  const describeApi = createApiDescription(deps.version);
  app.all('/healthz', servePlain(deps, answerHealth(deps)));
  app.all(
    '/openapi.json',
    servePlain(deps, (c) => c.body(describeApi().json, 200, { 'content-type': 'application/json' })),
  );
  app.all(
    '/docs',
    servePlain(deps, (c) => c.html(describeApi().page, 200, { 'content-security-policy': PAGE_POLICY })),
  );
  app.notFound(serve(deps, null));
  return app;
};

const requestIdOf = (incoming: IncomingMessage, { randomHex }: AppDeps): RequestId =>
  chooseRequestId(incoming.headers['x-request-id']?.toString(), randomHex, sanitizeText);

/** A path outside the API: it has a request id, and neither phases nor records. */
const servePlain =
  (deps: AppDeps, answer: (c: Context<Env>) => Response | Promise<Response>) =>
  (c: Context<Env>): Response | Promise<Response> => {
    const { reqId } = requestIdOf(c.env.incoming, deps);
    c.header('x-request-id', reqId);
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return answer(c);
    c.header('allow', 'GET, HEAD');
    return c.json(errorBody(new GatewayError('method_not_allowed', `${c.req.path} takes GET.`), reqId), 405);
  };

const answerHealth =
  (deps: AppDeps) =>
  (c: Context<Env>): Response => {
    const health = deps.health();
    return c.json(healthReport(health), health.ready ? 200 : 503);
  };

/** Nothing may be loaded or run by the page that shows the API. */
const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'";

const serve =
  (deps: AppDeps, route: Route | null) =>
  async (c: Context<Env>): Promise<Response> => {
    const { incoming, outgoing } = c.env;
    await runRequest(
      deps,
      incoming,
      outgoing,
      route,
      (exchange) => (span) => receive(exchange, incoming, { path: c.req.path, route }, span, deps.receive),
    );
    return RESPONSE_ALREADY_SENT;
  };

/** Answers a request that the router never sees: the same records, the same envelope. */
export const refuseRequest = (
  deps: AppDeps,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  error: GatewayError,
): Promise<void> =>
  runRequest(deps, incoming, outgoing, null, () => (span) => {
    span.event('client_request', { about: { method: incoming.method, refused: error.code } });
    return Promise.reject(error);
  });

const runRequest = async (
  deps: AppDeps,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  route: Route | null,
  receiver: (exchange: Exchange) => Exchange['receive'],
): Promise<void> => {
  const { reqId, rejected } = requestIdOf(incoming, deps);
  outgoing.setHeader('x-request-id', reqId);
  const { method = '', headers } = incoming;
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
    createClient: (signal) => createNodeClient(outgoing, method, signal),
    receive: receiver,
    isReading: () => !incoming.complete,
    onDeparture: (left) => outgoing.once('close', () => outgoing.writableFinished || left()),
  });
};
