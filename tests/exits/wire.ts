import { connect, type Socket } from 'node:net';
import { createWaiters } from '../support/wait-until.ts';

/** One request on a connection of its own, byte by byte, so that a row decides what is sent, read, and when the client leaves. */
export interface Wire {
  readonly method: string;
  /** Everything that came, head included. */
  readonly got: string;
  /** Resolves once `text` has come; rejects when the connection is closed before. */
  until(text: string): Promise<void>;
  readonly closed: Promise<void>;
  send(bytes: string): void;
  /** Stops reading, so that the gateway's bytes pile up. */
  pause(): void;
  resume(): void;
  /** Closes its side: nothing more is sent, and what still comes is read. */
  close(): void;
  /** Goes away at once. */
  leave(): void;
}

export const openWire = (url: string, bytes: string): Wire => {
  const { hostname, port } = new URL(url);
  const waiters = createWaiters();
  const pieces: string[] = [];
  let isClosed = false;
  const socket: Socket = connect(Number(port), hostname).on('error', () => undefined);
  const got = (): string => {
    if (pieces.length > 1) pieces.splice(0, pieces.length, pieces.join(''));
    return pieces[0] ?? '';
  };
  const waitFor = (find: () => boolean): Promise<boolean> =>
    waiters.until(find, () => `the end of ${got().slice(-300)}`);
  // A character a byte: chunks are counted in bytes.
  socket.setEncoding('latin1').on('data', (piece) => {
    pieces.push(String(piece));
    waiters.notify();
  });
  socket.on('close', () => {
    isClosed = true;
    waiters.notify();
  });
  socket.write(bytes);

  return {
    method: bytes.slice(0, bytes.indexOf(' ')),
    get got() {
      return got();
    },
    async until(text) {
      await waitFor(() => isClosed || got().includes(text));
      if (!got().includes(text)) throw new Error(`closed before '${text}' came: ${got().slice(-300)}`);
    },
    get closed() {
      return waitFor(() => isClosed).then(() => undefined);
    },
    send: (more) => void socket.write(more),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close: () => void socket.end(),
    leave: () => void socket.resetAndDestroy(),
  };
};

/** What a client made of the bytes that it got. */
export interface Response {
  /** Null where no head came. */
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether the last chunk of a body in chunks came. */
  readonly isWhole: boolean;
  /** Whether a body belongs to it at all. */
  readonly hasBody: boolean;
}

/** The chunks of a body as far as they came, put together. */
const dechunk = (text: string): string => {
  let body = '';
  let at = 0;
  for (;;) {
    const end = text.indexOf('\r\n', at);
    const length = end < 0 ? 0 : Number.parseInt(text.slice(at, end), 16);
    if (!(length > 0)) return body;
    body += text.slice(end + 2, end + 2 + length);
    at = end + 2 + length + 2;
  }
};

const LAST_CHUNK = '0\r\n\r\n';
const NO_RESPONSE: Response = { status: null, headers: {}, body: '', isWhole: false, hasBody: false };

export const parseResponse = (got: string, method: string): Response => {
  const end = got.indexOf('\r\n\r\n');
  const [first = '', ...fields] = got.slice(0, Math.max(0, end)).split('\r\n');
  const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(first) ?? [];
  if (end < 0 || status === undefined) return NO_RESPONSE;
  const headers = Object.fromEntries(
    fields.map((field) => {
      const [name = '', ...value] = field.split(': ');
      return [name.toLowerCase(), value.join(': ')];
    }),
  );
  const raw = got.slice(end + 4);
  const body = headers['transfer-encoding'] === 'chunked' ? dechunk(raw) : raw;
  const hasBody = method !== 'HEAD' && status !== '204';
  return { status: Number(status), headers, body, isWhole: raw.endsWith(LAST_CHUNK), hasBody };
};
