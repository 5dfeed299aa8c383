import { Hono } from 'hono';
import { createHttpServer } from '../../src/http/server.ts';

test('a head that is late is noticed soon after its time, not a check of Node’s own later', () => {
  const { server } = createHttpServer(new Hono(), () => Promise.resolve());
  const { connectionsCheckingInterval } = server as { connectionsCheckingInterval?: number };
  expect(connectionsCheckingInterval).toBeLessThanOrEqual(server.headersTimeout / 10);
});
