import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import type { RequestOptions, RequestTrace } from '../telemetry/index.ts';
import type { Exchanges } from './exchanges.ts';
import { type Health, healthReport } from './health.ts';
import { createNodeClient } from './node-client.ts';
import { type ReceiveDeps, receive } from './receive.ts';
import { chooseRequestId, type RequestId } from './request-id.ts';
import { OTHER_ROUTE, ROUTES, type Route } from './routes.ts';

export interface AppDeps {
  readonly exchanges: Exchanges;
  readonly receive: ReceiveDeps;
  readonly openTrace: (options: RequestOptions) => RequestTrace;
  readonly randomHex: (bytes: number) => string;
  readonly health: () => Health;
}

type Env = { Bindings: HttpBindings };

/** Methods that telemetry names; any other is `_OTHER`, as the conventions ask. */
const METHODS = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'QUERY',
]);

/** The HTTP application: every `/v1` path and every unknown one is a traced request; health checks are not. */
export const createApp = (deps: AppDeps): Hono<Env> => {
  const app = new Hono<Env>();
  for (const route of ROUTES) app.all(route.path, serve(deps, route));
  app.get('/healthz', (c) => {
    c.header('x-request-id', requestIdOf(c, deps).reqId);
    const health = deps.health();
    return c.json(healthReport(health), health.ready ? 200 : 503);
  });
  app.notFound(serve(deps, null));
  return app;
};

const requestIdOf = (c: Context<Env>, { randomHex }: AppDeps): RequestId =>
  chooseRequestId(c.env.incoming.headers['x-request-id']?.toString(), randomHex);

const serve =
  (deps: AppDeps, route: Route | null) =>
  async (c: Context<Env>): Promise<Response> => {
    const { incoming, outgoing } = c.env;
    const { reqId, rejected } = requestIdOf(c, deps);
    outgoing.setHeader('x-request-id', reqId);
    const method = incoming.method ?? '';
    const scope = {
      reqId,
      route: route?.path ?? OTHER_ROUTE,
      method: METHODS.has(method) ? method : '_OTHER',
      mode: 'other' as const,
    };
    await deps.exchanges.run({
      reqId,
      socket: incoming.socket,
      openTrace: () =>
        deps.openTrace({
          scope,
          httpRoute: route?.path ?? null,
          rejectedReqId: rejected,
          headers: incoming.headers,
        }),
      createClient: (signal) => createNodeClient(outgoing, method, signal),
      receive: (exchange) => (span) =>
        receive(exchange, incoming, { path: c.req.path, route }, span, deps.receive),
      isReading: () => !incoming.complete,
      onDeparture: (left) => outgoing.once('close', () => outgoing.writableFinished || left()),
    });
    return RESPONSE_ALREADY_SENT;
  };
