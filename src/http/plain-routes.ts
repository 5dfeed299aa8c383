import type { IncomingMessage } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import { errorBody, GatewayError } from '../errors.ts';
import type { TurnSupport } from '../gateway/turn-support.ts';
import { type Health, healthReport, readiness } from './health.ts';
import { createApiDescription } from './openapi/index.ts';
import type { CheckSite } from './sites.ts';
import { createUpcomingBody } from './upcoming-body.ts';
import { prefersHtml, type WelcomeFacts, welcomeOf, welcomePage, welcomeText } from './welcome.ts';

export interface PlainDeps {
  readonly health: () => Health | Promise<Health>;
  readonly requestIdOf: (incoming: IncomingMessage) => string;
  readonly checkSite: CheckSite;
  readonly traceIdOf: (reqId: string, path: string) => string | null;
  readonly version: string;
  /** What the API's description says of its parameters; null where that is nothing. */
  readonly support: TurnSupport | null;
  readonly welcome: WelcomeFacts;
}

type Env = { Bindings: HttpBindings };
type PlainHandler = (c: Context<Env>) => Response | Promise<Response>;

/** Nothing may be loaded or run by the page that shows the API. */
const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'";

type Report = { readonly status: 'ok' | 'unavailable' };

const probe =
  (report: () => Report | Promise<Report>): PlainHandler =>
  async (c) => {
    const body = await report();
    return c.json(body, body.status === 'ok' ? 200 : 503, { 'cache-control': 'no-store' });
  };

/** Asked every few seconds by something that keeps no records: they leave none, and have no trace. */
export const PROBE_PATHS: readonly string[] = ['/livez', '/readyz', '/healthz'];

/**
 * Paths outside the API: they have a request id, and neither phases nor records. `/livez` answers as long as the event
 * loop turns; `/readyz` says whether requests should come here; `/healthz` tells people more.
 */
export const addPlainRoutes = (app: Hono<Env>, deps: PlainDeps): void => {
  const { health, requestIdOf, traceIdOf, checkSite, version, support } = deps;
  const describeApi = createApiDescription(version, support);
  const answers: Readonly<Record<string, PlainHandler>> = {
    '/livez': probe(() => ({ status: 'ok' })),
    '/readyz': probe(async () => readiness(await health())),
    '/healthz': probe(async () => healthReport(await health())),
    '/openapi.json': (c) => c.body(describeApi().json, 200, { 'content-type': 'application/json' }),
    '/': (c) => {
      const welcome = welcomeOf(c.req.header('host'), deps.welcome);
      c.header('vary', 'accept');
      return prefersHtml(c.req.header('accept'))
        ? c.html(welcomePage(welcome), 200, { 'content-security-policy': PAGE_POLICY })
        : c.text(welcomeText(welcome));
    },
    '/docs': (c) => c.html(describeApi().page, 200, { 'content-security-policy': PAGE_POLICY }),
  };
  const plain =
    (path: string, answer: PlainHandler): PlainHandler =>
    (c) => {
      const reqId = requestIdOf(c.env.incoming);
      const traceId = PROBE_PATHS.includes(path) ? null : traceIdOf(reqId, path);
      c.header('x-request-id', reqId);
      if (traceId !== null) c.header('x-trace-id', traceId);
      createUpcomingBody(c.env.incoming, c.env.outgoing).leave();
      const foreign = checkSite(c.env.incoming);
      if (foreign) return c.json(errorBody(foreign, { reqId, traceId }), 403);
      if (c.req.method === 'GET' || c.req.method === 'HEAD') return answer(c);
      c.header('allow', 'GET, HEAD');
      const error = new GatewayError('method_not_allowed', `${path} takes GET.`);
      return c.json(errorBody(error, { reqId, traceId }), 405);
    };
  for (const [path, answer] of Object.entries(answers)) app.all(path, plain(path, answer));
};
