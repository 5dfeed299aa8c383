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

const writeLong = async (
  chunk: string | Uint8Array,
  { pace, signal }: Pick<NodeClientOptions, 'pace' | 'signal'>,
  write: (piece: string | Uint8Array) => Promise<void> | null,
): Promise<void> => {
  await pace.turn();
  const pieces = typeof chunk === 'string' ? piecesOf(chunk, PIECE_CHARS) : slicesOf(chunk, PIECE_CHARS);
  for (const piece of pieces) {
    // Between two pieces and not behind the last: who has all of an answer may leave before its end has been noted.
    await pace.rest();
    signal.throwIfAborted();
    await write(piece);
  }
};

/** The head goes out with the first bytes, in one packet; by itself where none come in this turn. */
const createHeadFlush = (response: ServerResponse) => {
  let isDue = false;
  const now = (): void => {
    if (isDue && !response.destroyed) response.flushHeaders();
    isDue = false;
  };
  return {
    now,
    soon(): void {
      isDue = true;
      process.nextTick(now);
    },
    /** Bytes take it along. */
    done(): void {
      isDue = false;
    },
  };
};

/** The client's end of a request, over Node's response. */
export const createNodeClient = (
  response: ServerResponse,
  method: string,
  options: NodeClientOptions,
): Client => {
  const { signal } = options;
  let bytesWritten = 0;
  /** A request that came behind another one gets its socket when that one's answer is out. */
  let hasSocket = response.socket !== null;
  response.once('socket', () => (hasSocket = true));

  const stall = createStallTimer(response, options);
  const headFlush = createHeadFlush(response);

  const writePiece = (piece: string | Uint8Array): Promise<void> | null => {
    headFlush.done();
    bytesWritten += typeof piece === 'string' ? Buffer.byteLength(piece) : piece.length;
    const hasRoom = response.write(piece);
    return hasRoom || signal.aborted ? null : stall.drained();
  };

  const write = (chunk: string | Uint8Array): Promise<void> | null => {
    if (chunk.length > PIECE_CHARS) return writeLong(chunk, options, writePiece);
    // The last words of a request whose time is over are short, and wait for nobody: `end` gives them a moment.
    if (response.destroyed && signal.aborted) return Promise.reject(signal.reason as GatewayError);
    return writePiece(chunk);
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
      if (Object.values(headers).every(isAscii)) headFlush.soon();
      else response.write(Buffer.alloc(0));
    },
    write,
    end() {
      if (response.destroyed) return Promise.resolve(response.writableFinished);
      const closed = untilClosed(response, signal);
      stall.watch();
      headFlush.done();
      response.end();
      return closed;
    },
    destroy() {
      headFlush.now();
      // What was written in this turn has not been handed to the kernel yet.
      response.socket?.uncork();
      response.destroy();
    },
  };
};
