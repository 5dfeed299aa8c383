import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Passes what goes to a server and back, as it is, and keeps what the server said. */
export type Recorder = {
  /** Without a path. */
  url: string;
  /** The bodies of the server's whole answers, of all connections. */
  bodies(): Buffer[];
  /** How many connections there have been. */
  readonly connections: number;
  close(): Promise<void>;
};

const HEAD_END = Buffer.from('\r\n\r\n');
const LINE_END = Buffer.from('\r\n');

/** The chunks from `at` on, and where they end; null where the last one is not there yet. */
const readChunks = (bytes: Buffer, at: number): { body: Buffer; end: number } | null => {
  const parts: Buffer[] = [];
  let place = at;
  for (;;) {
    const line = bytes.indexOf(LINE_END, place);
    if (line < 0) return null;
    const size = Number.parseInt(bytes.toString('latin1', place, line), 16);
    const [from, to] = [line + 2, line + 2 + size];
    if (bytes.length < to + 2) return null;
    if (size === 0) return { body: Buffer.concat(parts), end: to + 2 };
    parts.push(bytes.subarray(from, to));
    place = to + 2;
  }
};

const readSized = (bytes: Buffer, at: number, size: number): { body: Buffer; end: number } | null =>
  bytes.length < at + size ? null : { body: bytes.subarray(at, at + size), end: at + size };

/** The bodies of the answers that one connection has carried, one behind the other. */
const bodiesOf = (bytes: Buffer): Buffer[] => {
  const bodies: Buffer[] = [];
  let at = 0;
  for (;;) {
    const head = bytes.indexOf(HEAD_END, at);
    if (head < 0) return bodies;
    const text = bytes.toString('latin1', at, head);
    const from = head + HEAD_END.length;
    const size = Number(text.match(/^content-length: (\d+)/im)?.[1] ?? 0);
    const read = /^transfer-encoding: chunked/im.test(text)
      ? readChunks(bytes, from)
      : readSized(bytes, from, size);
    if (read === null) return bodies;
    bodies.push(read.body);
    at = read.end;
  }
};

/** A recorder on a port of its own, before the server that is at this URL when somebody connects. */
export const startRecorder = async (target: () => string): Promise<Recorder> => {
  const said: Buffer[][] = [];
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    const chunks: Buffer[] = [];
    said.push(chunks);
    const { hostname, port } = new URL(target());
    const far = connect(Number(port), hostname);
    keep(near);
    keep(far);
    // Whoever leaves is seen to leave; an end passes with the bytes before it.
    near.on('error', () => far.destroy()).once('close', () => far.destroy());
    far.on('error', () => near.destroy()).on('data', (chunk) => chunks.push(chunk));
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies: () => said.flatMap((chunks) => bodiesOf(Buffer.concat(chunks))),
    get connections() {
      return said.length;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};
