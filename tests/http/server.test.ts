import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { createHttpServer } from '../../src/http/server.ts';
import { createUpcomingBody } from '../../src/http/upcoming-body.ts';
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

test('a body that was left unread is not read on behind the answer', async () => {
  const arrived = Promise.withResolvers<IncomingMessage>();
  const app = new Hono<{ Bindings: HttpBindings }>().post('/', (c) => {
    createUpcomingBody(c.env.incoming, c.env.outgoing).leave();
    arrived.resolve(c.env.incoming);
    return c.text('refused', 401);
  });
  const { server } = createHttpServer(app, () => Promise.resolve());
  const wire = openHttpWire(
    await listenAnywhere(server),
    'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 33554432\r\n\r\n',
  );
  const incoming = await arrived.promise;
  await wire.until('refused');
  wire.socket.write(Buffer.alloc(32 * 1024 * 1024));
  const { socket } = incoming;
  await wire.closed();
  expect(socket.bytesRead).toBeLessThan(1024 * 1024);
  server.closeAllConnections();
  server.close();
});

test('a head that is late is noticed soon after its time, not a check of Node’s own later', () => {
  const { server } = createHttpServer(new Hono(), () => Promise.resolve());
  const { connectionsCheckingInterval } = server as { connectionsCheckingInterval?: number };
  expect(connectionsCheckingInterval).toBeLessThanOrEqual(server.headersTimeout / 10);
});
