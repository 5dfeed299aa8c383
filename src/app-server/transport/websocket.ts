import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Diagnostics } from '../diagnostics.ts';
import type { ClientOutput } from '../rpc/client.ts';
import type { Server } from '../server.ts';

const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
const MAX_CLIENTS = 256;
/** More than this unsent, and the turns of that client wait. */
const HIGH_WATER_BYTES = 1024 * 1024;

export interface WebSocketOptions {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  readonly diagnostics: Diagnostics;
}

export interface WebSocketListener {
  readonly url: string;
  /** Closes every connection and the port; twice is no harm. */
  readonly close: () => Promise<void>;
}

/** A message a frame. `ready` resolves when the socket has taken what was written. */
const createFrameOutput = (socket: WebSocket): ClientOutput => {
  let blocked: Promise<void> | undefined;
  return {
    write(message) {
      if (socket.readyState !== socket.OPEN) return;
      const sent = new Promise<void>((resolve) => socket.send(message, () => resolve()));
      if (socket.bufferedAmount > HIGH_WATER_BYTES) {
        blocked = sent.then(() => {
          blocked = undefined;
        });
      }
    },
    ready: () => blocked ?? Promise.resolve(),
  };
};

const serveSocket = (server: Server, socket: WebSocket, diagnostics: Diagnostics): void => {
  const output = createFrameOutput(socket);
  const connection = server.connect('websocket', output);
  socket.on('message', (data, isBinary) => {
    if (isBinary) connection.refuse('a message is a text frame');
    else connection.receive(data.toString());
    // A client that does not read its answers is not read either.
    socket.pause();
    void output.ready().then(() => socket.resume());
  });
  socket.on('error', ({ name }) => diagnostics.warn('a websocket failed', { error: name }));
  socket.on('close', connection.close);
};

/** For whoever waits until the server is there; everything else on the port is a websocket. */
const answerHttp = (request: IncomingMessage, response: ServerResponse): void => {
  const known = request.method === 'GET' && (request.url === '/readyz' || request.url === '/healthz');
  response.writeHead(known ? 200 : 404, { 'content-type': 'text/plain' });
  response.end(known ? 'ok\n' : 'not found\n');
};

/** A browser says where its page came from: no page may talk to a server on its user's own machine. */
const isRefused = (request: IncomingMessage, clients: number): string | undefined => {
  if (request.headers.origin !== undefined) return '403 Forbidden';
  return clients >= MAX_CLIENTS ? '503 Service Unavailable' : undefined;
};

/** Serves any number of clients on a loopback port; resolves when it listens. */
export const listenWebSocket = async (
  server: Server,
  { host, port, diagnostics }: WebSocketOptions,
): Promise<WebSocketListener> => {
  const http = createServer(answerHttp);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  http.on('upgrade', (request, stream, head) => {
    const refusal = isRefused(request, sockets.clients.size);
    if (refusal) stream.end(`HTTP/1.1 ${refusal}\r\nconnection: close\r\n\r\n`);
    else sockets.handleUpgrade(request, stream, head, (socket) => serveSocket(server, socket, diagnostics));
  });
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, resolve);
  });
  const { port: bound } = http.address() as AddressInfo;

  let closing: Promise<void> | undefined;
  return {
    url: `ws://${host}:${bound}`,
    close() {
      closing ??= new Promise((resolve) => {
        http.close(() => resolve());
        for (const socket of sockets.clients) socket.close(1001);
        // A client that does not answer the close is not waited for.
        setTimeout(() => sockets.clients.forEach((socket) => void socket.terminate()), 200).unref();
        http.closeIdleConnections();
      });
      return closing;
    },
  };
};
