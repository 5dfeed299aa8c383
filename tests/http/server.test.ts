import { once } from 'node:events';
import { Hono } from 'hono';
import { createHttpServer } from '../../src/http/server.ts';
import { listenAnywhere, openHttpWire } from '../support/http-wire.ts';

test('connections without a request on them are bounded', async () => {
  const { server } = createHttpServer(new Hono(), () => Promise.resolve(), 1);
  const port = await listenAnywhere(server);
  const oldest = openHttpWire(port);
  await once(server, 'connection');
  const newest = openHttpWire(port, 'GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  await newest.until('404');
  await oldest.closed();
  expect(newest.socket.destroyed).toBe(false);
  server.closeAllConnections();
  server.close();
});

test('a head that is late is noticed soon after its time, not a check of Node’s own later', () => {
  const { server } = createHttpServer(new Hono(), () => Promise.resolve());
  const { connectionsCheckingInterval } = server as { connectionsCheckingInterval?: number };
  expect(connectionsCheckingInterval).toBeLessThanOrEqual(server.headersTimeout / 10);
});
