import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Server as NetServer } from 'node:net';
import type { HttpBindings } from '@hono/node-server';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import type { GatewayError } from '../errors.ts';
import { boundIdleConnections } from './idle-connections.ts';
import { targetProblem } from './target.ts';
import { type Turns, takeTurns } from './turns.ts';

/** A listening server. */
export interface HttpServer {
  readonly url: string;
  /** Takes no new connection; open ones may finish what they do. */
  stopListening(): Promise<void>;
  /** Cuts what is still open. */
  closeConnections(): void;
}

const KEEP_ALIVE_MS = 72_000;
const HEADERS_MS = 30_000;
/** How often Node looks for heads that are late; by itself, twice a minute. */
const CHECK_HEADERS_MS = 1_000;

type Refuse = (incoming: IncomingMessage, outgoing: ServerResponse, error: GatewayError) => Promise<void>;

/** What Node or the adapter would refuse by themselves, without a trace, is refused by us. */
export const createHttpServer = (
  app: Hono<{ Bindings: HttpBindings }>,
  refuse: Refuse,
  maxIdle?: number,
): { readonly server: Server; readonly turns: Turns } => {
  const route = getRequestListener(app.fetch, { overrideGlobalObjects: false, hostname: 'localhost' });
  const server = createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: HEADERS_MS,
      connectionsCheckingInterval: CHECK_HEADERS_MS,
      // The body has a deadline of its own (`readBody`), which answers better than Node's does.
      requestTimeout: 0,
      requireHostHeader: false,
    },
    (incoming, outgoing) => {
      const problem = targetProblem(incoming);
      const answered = problem ? refuse(incoming, outgoing, problem) : route(incoming, outgoing);
      answered.catch(() => outgoing.destroy());
    },
  );
  // Left to itself Node asks for the body before anybody has looked at the key.
  server.on('checkContinue', (incoming, outgoing) => void server.emit('request', incoming, outgoing));
  boundIdleConnections(server, maxIdle);
  return { server, turns: takeTurns(server) };
};

/** Where a server listens. */
export const urlOf = (server: NetServer): string => {
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${name}:${address.port}`;
};

export const listen = async (server: Server, host: string, port: number): Promise<HttpServer> => {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    url: urlOf(server),
    stopListening: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
    closeConnections: () => server.closeAllConnections(),
  };
};
