import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text as readAll } from 'node:stream/consumers';
import { acceptConnections, type HandedServer, serveHanded } from '../../src/http/accept.ts';

/** A server that never listens, whose connections another one accepts. */
const open = async () => {
  const http = createServer({ headersTimeout: 50, connectionsCheckingInterval: 10 }, (_request, response) => {
    response.end('here');
  });
  const passed: Socket[] = [];
  let server: HandedServer | undefined;
  const acceptor = await acceptConnections('127.0.0.1', 0, (socket) => {
    if (server?.take(socket) !== true) passed.push(socket);
  });
  server = serveHanded(http, acceptor.url);
  return { server, acceptor, passed, port: Number(new URL(acceptor.url).port) };
};

test('connections that are handed over are served, and ended when it stops', async () => {
  const { server, acceptor } = await open();
  expect(server.url).toBe(acceptor.url);
  expect(await (await fetch(acceptor.url)).text()).toBe('here');
  await server.stopListening();
  server.closeConnections();
  acceptor.close();
});

test('a head that does not come whole is refused in time, as by a server that listens itself', async () => {
  const { server, acceptor, port } = await open();
  const socket = connect(port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nhost: a');
  expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 408 /);
  server.closeConnections();
  acceptor.close();
});

test('once it has stopped it takes no connection', async () => {
  const { server, acceptor, passed, port } = await open();
  await server.stopListening();
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  while (passed.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(passed).toHaveLength(1);
  socket.destroy();
  passed[0]?.destroy();
  acceptor.close();
});

test('an address that is taken is told at once', async () => {
  const { server, acceptor, port } = await open();
  await expect(acceptConnections('127.0.0.1', port, () => undefined)).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
  server.closeConnections();
  acceptor.close();
});
