import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { GatewayError } from '../errors.ts';
import type { Client } from '../gateway/ports.ts';
import { systemLater } from '../later.ts';
import type { Pace } from '../pace.ts';
import { piecesOf, slicesOf } from '../pieces.ts';

/** How long a request that is over waits for its client to take the last bytes. */
const LAST_BYTES_MS = 1_000;

/** Calls back at the abort, or at once when that has been. Gives the way to take it back. */
const onceAborted = (signal: AbortSignal, callback: () => void): (() => void) => {
  if (signal.aborted) callback();
  else signal.addEventListener('abort', callback, { once: true });
  return () => signal.removeEventListener('abort', callback);
};

/** Resolves with whether every byte went out. Once nobody waits any more, the last ones have a moment. */
const untilClosed = (response: ServerResponse, signal: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => {
    let cancel: () => void = () => undefined;
    const stopWaiting = onceAborted(signal, () => {
      cancel = systemLater(LAST_BYTES_MS, () => response.destroy());
    });
    response.once('close', () => {
      stopWaiting();
      cancel();
      resolve(response.writableFinished);
    });
  });

const isAscii = (text: string): boolean => /^[\x20-\x7e\t]*$/.test(text);

interface NodeClientOptions {
  /** Aborts when the client has left. */
  readonly signal: AbortSignal;
  /** A client that takes no byte for so long, in milliseconds, while there are some for it, is cut off; at twice that at the latest. */
  readonly stallMs: number;
  /** Told why, just before the client is cut off. */
  readonly stalled: (error: GatewayError) => void;
  readonly pace: Pace;
}

/** How much is handed to the socket in one go: to encode it takes less than a millisecond, and a slow client makes no more of it wait. */
const PIECE_CHARS = 256 * 1024;

/** Cuts a client off that takes no byte for too long while there are some for it. */
const createStallTimer = (
  response: ServerResponse,
  { signal, stallMs, stalled }: Pick<NodeClientOptions, 'signal' | 'stallMs' | 'stalled'>,
) => {
  let owesBytes = false;

  // Node's own timer of the socket knows of bytes that the kernel took in the middle of a write: a slow client is not a stalled one.
  response.on('timeout', () => {
    if (!owesBytes) return;
    stalled(new GatewayError('client_stalled', `The client took no byte for ${stallMs} ms.`));
    response.destroy();
  });

  const watch = (): void => {
    owesBytes = true;
    response.setTimeout(stallMs);
  };

  const drained = async (): Promise<void> => {
    watch();
    try {
      await once(response, 'drain', { signal });
    } catch {
      throw signal.reason;
    } finally {
      owesBytes = false;
      response.setTimeout(0);
    }
  };

  return { watch, drained };
};

/** The client's end of a request, over Node's response. */
export const createNodeClient = (
  response: ServerResponse,
  method: string,
  options: NodeClientOptions,
): Client => {
  const { signal, pace } = options;
  let bytesWritten = 0;
  /** A request that came behind another one gets its socket when that one's answer is out. */
  let hasSocket = response.socket !== null;
  response.once('socket', () => (hasSocket = true));

  const stall = createStallTimer(response, options);

  const write = async (chunk: string | Uint8Array): Promise<void> => {
    const isLong = chunk.length > PIECE_CHARS;
    if (isLong) await pace.turn();
    const pieces = typeof chunk === 'string' ? piecesOf(chunk, PIECE_CHARS) : slicesOf(chunk, PIECE_CHARS);
    for (const piece of pieces) {
      // Between two pieces and not behind the last: who has all of an answer may leave before its end has been noted.
      if (isLong) await pace.rest();
      // The last words of a request whose time is over are short, and wait for nobody: `end` gives them a moment.
      if (response.destroyed || isLong) signal.throwIfAborted();
      bytesWritten += typeof piece === 'string' ? Buffer.byteLength(piece) : piece.length;
      const hasRoom = response.write(piece);
      if (!hasRoom && !signal.aborted) await stall.drained();
    }
  };

  return {
    bodiless: method === 'HEAD',
    get headSent() {
      return response.headersSent;
    },
    get headOut() {
      return hasSocket && response.headersSent;
    },
    get bytesWritten() {
      return hasSocket ? bytesWritten : 0;
    },
    head(status, headers) {
      if (response.destroyed || response.headersSent) return;
      response.writeHead(status, { ...headers });
      // Node writes a head by itself as UTF-8, and in front of bytes as Latin-1, which is what header values are.
      if (Object.values(headers).every(isAscii)) response.flushHeaders();
      else response.write(Buffer.alloc(0));
    },
    write,
    end() {
      if (response.destroyed) return Promise.resolve(response.writableFinished);
      const closed = untilClosed(response, signal);
      stall.watch();
      response.end();
      return closed;
    },
    destroy: () => void response.destroy(),
  };
};
