import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { GatewayError } from '../errors.ts';
import type { RequestOptions, RequestTrace } from '../telemetry/index.ts';
import { clientLeft, type Exchanges, type OpenExchange } from './exchanges.ts';
import { OTHER_ROUTE } from './routes.ts';
import { createSocketClient } from './socket-client.ts';

interface ParserErrorDeps {
  readonly exchanges: Exchanges;
  readonly newReqId: () => string;
  readonly openTrace: (options: RequestOptions) => RequestTrace;
}

type ParserError = Error & { code?: string; rawPacket?: Buffer; bytesParsed?: number };

/** The client closed its side within its request: the same as if it had left, which looks no different. */
const CUT_SHORT = 'HPE_INVALID_EOF_STATE';

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
    case 'ERR_HTTP_REQUEST_TIMEOUT':
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

/**
 * Gives what Node's parser refuses the same answer, trace and records as any other refused request. A head that is cut short
 * gets no answer, and the records of a client that has left.
 */
export const answerParserErrors = (
  server: Server,
  { exchanges, newReqId, openTrace }: ParserErrorDeps,
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
      createClient: () => createSocketClient(socket, reqId, thrown !== null && isHead(thrown)),
      receive: () => async (span) => {
        span.event('client_request', {
          about: { unparsable: error.code, packet_bytes: thrown?.rawPacket?.length ?? 0 },
        });
        throw error;
      },
      isReading: () => false,
      deadline: { type: 'none' },
      onDeparture: () => undefined,
    });
    settled.finally(() => socket.destroySoon()).catch(() => undefined);
  };

  server.on('clientError', (thrown: ParserError, stream: Duplex) => {
    const socket = stream as Socket;
    if (thrown.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const error = toRefusal(thrown);
    const running = exchanges.onSocket(socket);
    const refuseNow = () => refuse(socket, error, thrown);
    // Broken in the middle of a body: that request itself is refused. What is broken behind it waits for its turn.
    if (running?.reading && thrown.code === CUT_SHORT) endUnfinished(running, socket);
    else if (running?.reading) running.abort(error);
    else if (running) running.settled.then(refuseNow, refuseNow);
    else refuseNow();
  });
  server.on('connect', (_request, stream: Duplex) =>
    refuse(
      stream as Socket,
      new GatewayError('method_not_allowed', 'This is no proxy for CONNECT.', { headers: CLOSE }),
      null,
    ),
  );
  server.on('checkExpectation', (request, response) => void server.emit('request', request, response));
};
