import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createWaiters } from './wait-until.ts';

export type ReceivedRequest = {
  readonly method: string;
  readonly url: string;
  /** By lower-case name, as they came. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Counts the connections of the server, from 1. */
  readonly connection: number;
};

export type Answer = (response: ServerResponse, request: ReceivedRequest, count: number) => unknown;

export type CapturingServer = {
  readonly origin: string;
  /** Those whose bodies have come, in their order. */
  readonly requests: ReceivedRequest[];
  /** Connections that are open. */
  readonly open: ReadonlySet<Socket>;
  /** Resolves when `find` gives something, tried again at each change. */
  until<T>(find: () => T | undefined | false, what: string): Promise<T>;
  close(): Promise<void>;
};

const listen = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** The connections of a server, and a way to wait for what happens to them. */
const watch = (server: Server) => {
  const waiters = createWaiters();
  const open = new Set<Socket>();
  const numbers = new WeakMap<Socket, number>();
  let count = 0;
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    numbers.set(socket, ++count);
    waiters.notify();
    socket.on('error', () => undefined);
    socket.on('close', () => {
      open.delete(socket);
      waiters.notify();
    });
  });
  return {
    open,
    notify: waiters.notify,
    numberOf: (socket: Socket) => numbers.get(socket) ?? 0,
    until: <T>(find: () => T | undefined | false, what: string) => waiters.until(find, () => what),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
};

const read = async (request: IncomingMessage, connection: number): Promise<ReceivedRequest> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method = '', url = '', headers } = request;
  return {
    method,
    url,
    headers: headers as Record<string, string>,
    body: Buffer.concat(chunks).toString('utf8'),
    connection,
  };
};

/** An HTTP server on loopback that keeps what it was asked; `answer` gets the request's number, from 1, as well. */
export const startHttpServer = async (answer: Answer): Promise<CapturingServer> => {
  const requests: ReceivedRequest[] = [];
  const server = createHttpServer((incoming, response) => {
    read(incoming, watched.numberOf(incoming.socket)).then(
      (request) => {
        const count = requests.push(request);
        answer(response, request, count);
        watched.notify();
      },
      () => response.destroy(),
    );
  });
  const watched = watch(server);
  return {
    origin: await listen(server),
    requests,
    open: watched.open,
    until: watched.until,
    close: watched.close,
  };
};

/** A server on loopback that speaks by itself, byte by byte; `onConnection` gets the connection's number, from 1, as well. */
export const startRawServer = async (onConnection: (socket: Socket, count: number) => void) => {
  const server = createServer();
  const watched = watch(server);
  server.on('connection', (socket: Socket) => onConnection(socket, watched.numberOf(socket)));
  return {
    origin: await listen(server),
    open: watched.open,
    until: watched.until,
    notify: watched.notify,
    close: watched.close,
  };
};

/** Where nobody listens: the port was free a moment ago. */
export const closedOrigin = async (): Promise<string> => {
  const server = createServer();
  const origin = await listen(server);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return origin;
};

/** Answers with a JSON body. */
export const answerJson =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
