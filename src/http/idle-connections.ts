import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Connections without a request on them: kept alive ones, and those whose first head has not come whole. */
const MAX_IDLE = 4_096;

/** Closes the connection that has been without a request for longest when more than `max` are: each one costs memory, and nobody has to pay for it. */
export const boundIdleConnections = (server: Server, max: number = MAX_IDLE): void => {
  const idle = new Set<Socket>();
  const newest = new WeakMap<Socket, ServerResponse>();
  const wait = (socket: Socket): void => {
    if (socket.destroyed) return;
    idle.add(socket);
    // Many may become idle before the first of them has closed.
    for (const longest of idle) {
      if (idle.size <= max) return;
      idle.delete(longest);
      longest.destroy();
    }
  };
  server.on('connection', (socket: Socket) => {
    socket.once('close', () => idle.delete(socket));
    wait(socket);
  });
  server.on('request', ({ socket }: IncomingMessage, outgoing: ServerResponse) => {
    idle.delete(socket);
    newest.set(socket, outgoing);
    // The next request of the connection may have begun by then.
    outgoing.once('close', () => newest.get(socket) === outgoing && wait(socket));
  });
};
