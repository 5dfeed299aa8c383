import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpBindings } from '@hono/node-server';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';

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

/** The body has a deadline of its own (`readBody`), which answers better than Node's does. */
export const createHttpServer = (app: Hono<{ Bindings: HttpBindings }>): Server =>
  createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: HEADERS_MS, requestTimeout: 0 },
    getRequestListener(app.fetch, { overrideGlobalObjects: false }),
  );

export const listen = async (server: Server, host: string, port: number): Promise<HttpServer> => {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${name}:${address.port}`,
    stopListening: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
    closeConnections: () => server.closeAllConnections(),
  };
};
