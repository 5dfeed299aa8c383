import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Later, systemLater } from '../later.ts';

/** A body of at most so many bytes is dropped as it comes, and the connection goes on. */
const SMALL_BYTES = 16 * 1024;
/** Of a larger one so much is dropped: many clients read the answer only when they have sent everything. */
const DROP_BYTES = 256 * 1024;
/** How long an answered connection stays for the client to read the answer, and for the rest of the body to come. */
const LINGER_MS = 2_000;

/** How much of a request's body has come, and whether anybody wants the rest. */
export type BodyState = 'coming' | 'unread' | 'whole';

/** The body of a request before somebody has decided whether it is read. */
export interface UpcomingBody {
  readonly state: BodyState;
  /** The size that the client has declared: null for a chunked body, 0 where there is none. */
  readonly declaredBytes: number | null;
  /** Call before reading: tells a client that waits for it to send. */
  invite(): void;
  /** Leaves it unread, before the answer's head: nothing of it is kept, and the client can still read the answer. */
  leave(): void;
  /** For a body that is read as it is sent on: what of it has not come when the answer is out is dropped. */
  leaveRest(): void;
}

const declaredBytesOf = ({ headers }: IncomingMessage): number | null =>
  headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : null;

const waitsForInvitation = ({ headers, httpVersionMinor }: IncomingMessage): boolean =>
  httpVersionMinor >= 1 && /(?:^|\W)100-continue(?:$|\W)/i.test(headers.expect ?? '');

/** What is dropped leaves the parser's buffers; beyond the bound the rest stays with the client. */
const dropBytes = (incoming: IncomingMessage): void => {
  let dropped = 0;
  incoming.on('error', () => undefined);
  incoming.on('data', (chunk: Buffer) => {
    dropped += chunk.length;
    if (dropped > DROP_BYTES) incoming.pause();
  });
};

/**
 * Node closes the connection right behind the answer, and the kernel resets a connection that is closed before all that came was
 * read: the reset may take the answer away from the client. So only our side is closed, and the rest follows the client's own end.
 */
const closeGently = (socket: Socket, incoming: IncomingMessage): void => {
  const closeNow = socket.destroySoon.bind(socket);
  socket.destroySoon = () => {
    if (incoming.complete) return closeNow();
    incoming.once('end', closeNow);
    socket.end();
  };
};

export const createUpcomingBody = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  later: Later = systemLater,
): UpcomingBody => {
  const { socket } = incoming;
  const declaredBytes = declaredBytesOf(incoming);
  let left = false;

  const linger = (): void => {
    if (incoming.complete || socket.destroyed) return;
    const cancel = later(LINGER_MS, () => incoming.complete || socket.destroy());
    socket.once('close', cancel);
    incoming.once('end', cancel);
  };

  return {
    declaredBytes,
    get state() {
      if (incoming.complete) return 'whole';
      return left ? 'unread' : 'coming';
    },
    leaveRest() {
      // Before Node, which closes the connection then.
      outgoing.prependOnceListener('finish', () => {
        if (incoming.complete) return;
        left = true;
        closeGently(socket, incoming);
        dropBytes(incoming);
        linger();
      });
    },
    invite() {
      if (waitsForInvitation(incoming)) outgoing.writeContinue();
    },
    leave() {
      if (left || declaredBytes === 0) return;
      left = true;
      dropBytes(incoming);
      outgoing.once('finish', linger);
      if (declaredBytes !== null && declaredBytes <= SMALL_BYTES && !waitsForInvitation(incoming)) return;
      outgoing.setHeader('connection', 'close');
      closeGently(socket, incoming);
    },
  };
};
