import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { GatewayError } from '../errors.ts';
import type { OpenRequestOptions, RequestTrace } from '../telemetry/index.ts';
import { clientLeft, type Exchanges, type OpenExchange } from './exchanges.ts';
import { createPacer } from './pacer.ts';
import { OTHER_ROUTE } from './routes.ts';
import { createSocketClient } from './socket-client.ts';
import type { Turns } from './turns.ts';

interface ParserErrorDeps {
  readonly exchanges: Exchanges;
  readonly turns: Turns;
  readonly newReqId: () => string;
  readonly openTrace: (options: OpenRequestOptions) => RequestTrace;
}

type ParserError = Error & { code?: string; rawPacket?: Buffer; bytesParsed?: number };

/** The client closed its side within its request: the same as if it had left, which looks no different. */
const CUT_SHORT = 'HPE_INVALID_EOF_STATE';
const LATE_HEAD = 'ERR_HTTP_REQUEST_TIMEOUT';

/** Node looks for late heads once a second and finds all of them at once; each is a request with records, a fraction of a millisecond. */
const LATE_HEADS_AT_ONCE = 16;

const CLOSE = { connection: 'close' };

const toRefusal = ({ code, message }: ParserError): GatewayError => {
  switch (code) {
    case CUT_SHORT:
      return clientLeft();
    case 'HPE_HEADER_OVERFLOW':
      return new GatewayError(
        'request_header_fields_too_large',
        'The request head is larger than 16384 bytes.',
        { headers: CLOSE },
      );
    case LATE_HEAD:
      return new GatewayError('request_timeout', 'The request did not arrive in time.', { headers: CLOSE });
    default:
      return new GatewayError('invalid_http_request', `This is no HTTP/1.1 request: ${message}.`, {
        headers: CLOSE,
      });
  }
};

/** Whether the head at fault is a HEAD's, whose answers have no body; as far as the packet shows: what came before it is gone. */
const isHead = ({ rawPacket, bytesParsed }: ParserError): boolean => {
  const parsed = rawPacket?.toString('latin1', 0, bytesParsed) ?? '';
  const heads = parsed.split('\r\n\r\n');
  return heads.at(-1)?.startsWith('HEAD ') === true;
};

/** Ends a request whose body will never be complete; nobody is there to be told. */
const endUnfinished = (running: OpenExchange, socket: Socket): void => {
  const close = () => void socket.destroy();
  running.abort(clientLeft());
  running.settled.then(close, close);
};

/** Nothing more can come on the connection than the answer of this request. */
const closeBehind = (running: OpenExchange, socket: Socket): void => {
  const close = () => void socket.destroySoon();
  running.settled.then(close, close);
};

/** Refuses a request whose body cannot be parsed; one that was answered before stays as it is. */
const endBroken = (running: OpenExchange, socket: Socket, error: GatewayError): void => {
  running.abort(error);
  closeBehind(running, socket);
};

/**
 * Gives what Node's parser refuses the same answer, trace and records as any other refused request. A head that is cut short
 * gets no answer, and the records of a client that has left.
 */
export const answerParserErrors = (
  server: Server,
  { exchanges, turns, newReqId, openTrace }: ParserErrorDeps,
): void => {
  const refuse = (socket: Socket, error: GatewayError, thrown: ParserError | null): void => {
    // Node has let go of the socket: a reset must not become an error that nobody hears.
    socket.on('error', () => undefined);
    const reqId = newReqId();
    const scope = { reqId, route: OTHER_ROUTE, method: '_OTHER', mode: 'other' as const };
    const settled = exchanges.run({
      reqId,
      socket,
      openTrace: () => openTrace({ scope, httpRoute: null, rejectedReqId: null, headers: {} }),
      createClient: (_signal, _stalled, traceId) =>
        createSocketClient(socket, { reqId, traceId }, thrown !== null && isHead(thrown)),
      receive:
        ({ trace }) =>
        async (span) => {
          trace.setApart();
          span.event('client_request', {
            about: { unparsable: error.code, packet_bytes: thrown?.rawPacket?.length ?? 0 },
          });
          throw error;
        },
      body: () => 'whole',
      deadline: { type: 'none' },
      onDeparture: () => undefined,
    });
    settled.finally(() => socket.destroySoon()).catch(() => undefined);
  };

  /** Behind all requests that the connection has sent before, as its answers are. */
  const refuseInTurn = (socket: Socket, error: GatewayError, thrown: ParserError | null): void =>
    turns.whenAllBegun(socket, () => {
      const running = exchanges.onSocket(socket);
      const refuseNow = () => (socket.writable ? refuse(socket, error, thrown) : void socket.destroy());
      // Broken in the middle of a body: that request itself is refused. What is broken behind it waits for its turn.
      if (running?.body === 'coming' && thrown?.code === CUT_SHORT) endUnfinished(running, socket);
      else if (running?.body === 'coming') endBroken(running, socket, error);
      else if (running?.body === 'unread') closeBehind(running, socket);
      else if (running) running.settled.then(refuseNow, refuseNow);
      else refuseNow();
    });

  const pace = createPacer(LATE_HEADS_AT_ONCE);
  server.on('clientError', (thrown: ParserError, stream: Duplex) => {
    const socket = stream as Socket;
    if (thrown.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    if (thrown.code !== LATE_HEAD) return refuseInTurn(socket, toRefusal(thrown), thrown);
    // No byte, no request: nothing to answer, and nothing to record.
    if (socket.bytesRead === 0) return void socket.destroy();
    pace(() => refuseInTurn(socket, toRefusal(thrown), thrown));
  });
  server.on('connect', (_request, stream: Duplex) =>
    refuseInTurn(
      stream as Socket,
      new GatewayError('method_not_allowed', 'This is no proxy for CONNECT.', { headers: CLOSE }),
      null,
    ),
  );
  server.on('checkExpectation', (request, response) => void server.emit('request', request, response));
};
