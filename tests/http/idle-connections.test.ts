import { EventEmitter } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { boundIdleConnections } from '../../src/http/idle-connections.ts';
import { listenAnywhere, openHttpWire } from '../support/http-wire.ts';
import { createWaiters } from '../support/wait-until.ts';

const GET = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n';

test('the connection that has been without a request for longest is closed for a new one; one with a request stays', async () => {
  const responses: ServerResponse[] = [];
  const waiters = createWaiters();
  let connections = 0;
  const server = createServer((_, response) => {
    responses.push(response);
    waiters.notify();
  }).on('connection', () => {
    connections++;
    waiters.notify();
  });
  boundIdleConnections(server, 2);
  const port = await listenAnywhere(server);
  const open = async (bytes = '') => {
    const before = connections;
    const wire = openHttpWire(port, bytes);
    await waiters.until(
      () => connections > before,
      () => `${connections} connections`,
    );
    return wire;
  };

  const busy = await open(GET);
  await waiters.until(
    () => responses[0],
    () => 'no request',
  );
  const first = await open();
  const second = await open('GET / HT');
  const third = await open();
  await first.closed();
  expect([busy, second, third].map(({ socket }) => socket.destroyed)).toEqual([false, false, false]);

  // Its answer is out: from now on it is one of the idle ones, the newest.
  responses[0]?.end('answered');
  await busy.until('answered');
  await second.closed();
  expect([busy, third].map(({ socket }) => socket.destroyed)).toEqual([false, false]);

  server.closeAllConnections();
  server.close();
});

test('connections that become idle in the same turn of the loop do not stay beyond the bound', () => {
  const server = new EventEmitter();
  boundIdleConnections(server as Server, 2);
  const sockets = Array.from({ length: 5 }, () => {
    const socket = Object.assign(new EventEmitter(), { destroyed: false, destroy: () => undefined });
    // Its `close` comes in a later turn.
    socket.destroy = () => {
      socket.destroyed = true;
    };
    return socket;
  });
  for (const socket of sockets) server.emit('connection', socket);
  expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true, true, true, false, false]);
});
