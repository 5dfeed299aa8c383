import type { Server } from 'node:http';
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { type HttpServer, urlOf } from './server.ts';

/** A port whose connections others serve. */
export interface Acceptor {
  readonly url: string;
  close(): void;
}

/** Listens, and hands on each connection before a byte of it was read. Rejects as `listen` does. */
export const acceptConnections = async (
  host: string,
  port: number,
  onConnection: (socket: Socket) => void,
): Promise<Acceptor> => {
  const server: NetServer = createServer({ pauseOnConnect: true, noDelay: true }, onConnection);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return { url: urlOf(server), close: () => void server.close() };
};

/** A server of connections that another process accepts. */
export interface HandedServer extends HttpServer {
  /** False when it takes none any more. */
  take(socket: Socket): boolean;
}

/** Serves what it is handed. `url` is where the other process listens. */
export const serveHanded = (server: Server, url: string): HandedServer => {
  let isOpen = true;
  // What looks for heads that are late, and closes connections, starts with this.
  server.emit('listening');
  return {
    url,
    take(socket) {
      if (!isOpen) return false;
      // As of the sockets that such a server accepts itself.
      socket.allowHalfOpen = true;
      server.emit('connection', socket);
      socket.resume();
      return true;
    },
    stopListening() {
      isOpen = false;
      server.closeIdleConnections();
      return Promise.resolve();
    },
    closeConnections: () => server.closeAllConnections(),
  };
};
