import type { RelayBody } from '../../../gateway/relay.ts';

/** A longer body is handed to undici in pieces, so that the gateway knows when it has been sent. */
const PIECE_BYTES = 64 * 1024;

/** A body that is being sent. */
export interface SentBody {
  readonly body: Uint8Array | AsyncIterable<Uint8Array> | null;
  /** In bytes, for `content-length`; null if it is unknown or there is no body. */
  readonly size: number | null;
  /** Whether a part of a stream has been read, so that the body cannot be sent again. */
  isSpent(): boolean;
  /** Ends the body: a reader that waits for more gets the error. */
  drop(error: Error): void;
}

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}

/** Is told of a body that comes as it is sent. */
export interface BodyWatch {
  /** More of it is wanted, and has not come yet. */
  waitsForPiece(): void;
  /** It has come, or all has. */
  hasPiece(): void;
}

const NOBODY: BodyWatch = { waitsForPiece: () => undefined, hasPiece: () => undefined };

/** Wraps a stream so that `drop` ends it for its reader at once, even while the sender is silent. */
const droppable = (chunks: AsyncIterable<Uint8Array>, watch: BodyWatch = NOBODY) => {
  let isSpent = false;
  let dropped: Error | null = null;
  let rejectNext: (error: Error) => void = () => undefined;
  let iterator: AsyncIterator<Uint8Array> | null = null;

  const leave = (): void => {
    iterator?.return?.().catch(() => undefined);
  };
  const read = (from: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> =>
    new Promise((resolve, reject) => {
      rejectNext = reject;
      watch.waitsForPiece();
      from.next().then(
        (piece) => {
          watch.hasPiece();
          resolve(piece);
        },
        (thrown: unknown) => {
          watch.hasPiece();
          reject(thrown);
        },
      );
    });

  return {
    chunks: {
      [Symbol.asyncIterator]() {
        iterator = chunks[Symbol.asyncIterator]();
        const from = iterator;
        return {
          next(): Promise<IteratorResult<Uint8Array>> {
            if (dropped) return Promise.reject(dropped);
            isSpent = true;
            return read(from);
          },
          return(): Promise<IteratorResult<Uint8Array>> {
            leave();
            return Promise.resolve({ done: true, value: undefined });
          },
        };
      },
    },
    isSpent: () => isSpent,
    drop(error: Error) {
      if (dropped) return;
      dropped = error;
      rejectNext(error);
      leave();
    },
  };
};

/** Prepares a body for undici. `watch` is called for a stream only. */
export const sendBody = (body: RelayBody, watch: BodyWatch): SentBody => {
  const never = { isSpent: () => false };
  if (body.type === 'none') return { ...never, body: null, size: null, drop: () => undefined };
  if (body.type === 'stream') {
    const { chunks, isSpent, drop } = droppable(body.chunks, watch);
    return { body: chunks, size: body.size, isSpent, drop };
  }
  const { bytes } = body;
  if (bytes.length <= PIECE_BYTES)
    return { ...never, body: bytes, size: bytes.length, drop: () => undefined };
  const { chunks, drop } = droppable(piecesOf(bytes));
  return { ...never, body: chunks, size: bytes.length, drop };
};
