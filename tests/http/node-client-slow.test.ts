import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { GatewayError } from '../../src/errors.ts';
import { createNodeClient } from '../../src/http/node-client.ts';
import { listenOnLoopback } from '../support/loopback.ts';
import { noPace } from '../support/pace.ts';

test('a request whose time is over ends although its client reads nothing more', async () => {
  const { promise, resolve } = Promise.withResolvers<ServerResponse>();
  const server = await listenOnLoopback((_, response) => resolve(response));
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => undefined);
  try {
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    const controller = new AbortController();
    const client = createNodeClient(await promise, 'GET', {
      signal: controller.signal,
      stallMs: 60_000,
      stalled: () => undefined,
      pace: noPace,
    });
    client.head(200, {});
    const write = client.write('x'.repeat(64 * 1024 * 1024));
    // Until some of it has gone out, which the client does not read.
    await new Promise((resolve) => setImmediate(resolve));
    const refused = expect(write).rejects.toMatchObject({ code: 'backend_timeout' });
    controller.abort(new GatewayError('backend_timeout', 'Too late.'));
    await refused;
    expect(await client.end()).toBe(false);
  } finally {
    socket.destroy();
    await server.close();
  }
});
