import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A connection with more requests behind the one that is being answered is closed. */
const MAX_WAITING = 64;
/** Their bodies, as far as the parser has read them, count against no other bound yet. */
const MAX_WAITING_BYTES = 256 * 1024;

interface WaitingRequest {
  readonly incoming: IncomingMessage;
  readonly begin: () => void;
}

/** The requests of one connection that have not been begun, and what has to wait until they are. */
interface Line {
  readonly waiting: WaitingRequest[];
  readonly afterwards: (() => void)[];
}

/** The order in which the requests of a connection are begun. */
export interface Turns {
  /** Runs once every request that the connection has sent so far was begun, at once where none waits; never if it closes before. */
  whenAllBegun(socket: Socket, run: () => void): void;
}

const isTooLong = ({ waiting }: Line): boolean =>
  waiting.length > MAX_WAITING ||
  waiting.reduce((bytes, { incoming }) => bytes + incoming.readableLength, 0) > MAX_WAITING_BYTES;

/**
 * Begins one request of a connection at a time. Node's parser hands over every request of a packet at once, and pausing the socket does
 * not hold it back; so the event itself waits, ahead of the HTTP instrumentation, which would open a span for each. What still waits when
 * the connection closes was never begun, and has no record.
 */
export const takeTurns = (server: Server): Turns => {
  const lines = new WeakMap<Socket, Line>();
  // Bound now: this is the instrumentation's, which patches the prototype before the server is made.
  const emit = server.emit.bind(server);

  const goOn = (socket: Socket, line: Line): void => {
    // A connection that ends behind its answer takes no more of them.
    if (socket.destroyed || socket.writableEnded) return void lines.delete(socket);
    const next = line.waiting.shift();
    if (next) next.begin();
    else lines.delete(socket);
    if (line.waiting.length === 0) for (const run of line.afterwards.splice(0)) run();
  };

  const begin = (incoming: IncomingMessage, outgoing: ServerResponse, line: Line): void => {
    outgoing.once('close', () => goOn(incoming.socket, line));
    emit('request', incoming, outgoing);
  };

  const take = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const { socket } = incoming;
    const line = lines.get(socket);
    if (line) {
      line.waiting.push({ incoming, begin: () => begin(incoming, outgoing, line) });
      if (isTooLong(line)) socket.destroy();
      return;
    }
    const first: Line = { waiting: [], afterwards: [] };
    lines.set(socket, first);
    begin(incoming, outgoing, first);
  };

  server.emit = ((event: string, ...args: unknown[]): boolean => {
    if (event !== 'request') return emit(event, ...args);
    const [incoming, outgoing] = args as [IncomingMessage, ServerResponse];
    if (!incoming.socket.destroyed) take(incoming, outgoing);
    return true;
  }) as Server['emit'];

  return {
    whenAllBegun(socket, run) {
      const line = lines.get(socket);
      if (line && line.waiting.length > 0) line.afterwards.push(run);
      else run();
    },
  };
};
