import { createHeldBytes } from '../read-along/held-bytes.ts';

/** How much of an answer is buffered before the sender is paused. */
const MAX_BYTES = 256 * 1024;

/** Pieces below this are put together while they wait: each by itself takes far more memory than its bytes. */
const SMALL_BYTES = 4 * 1024;
const MAX_TOGETHER_BYTES = 64 * 1024;
/** How many pieces are read, however small, before other work gets its turn. */
const MAX_PIECES = 4 * 1024;

/** The sender's side of a connection. */
interface Source {
  pause(): void;
  resume(): void;
  /** The reader has left. */
  leave(): void;
}

/** A bounded buffer between the connection and the reader of an answer. It can be read once. */
export interface ByteQueue {
  readonly bytes: AsyncIterable<Uint8Array>;
  push(chunk: Uint8Array): void;
  end(): void;
  /** The reader gets the bytes that have come, and then the error. */
  fail(error: Error): void;
}

type State =
  | { readonly type: 'open' | 'ended' | 'left' }
  | { readonly type: 'failed'; readonly error: Error };

const DONE = { done: true, value: undefined } as const;

/** Pieces in their order, few however small they come. */
const createPieces = () => {
  let pieces: Uint8Array[] = [];
  const small = createHeldBytes();
  const flush = (): void => {
    if (small.length > 0) pieces.push(small.take());
  };
  return {
    put(piece: Uint8Array): void {
      const isFirst = pieces.length === 0 && small.length === 0;
      if (isFirst || piece.byteLength >= SMALL_BYTES) {
        flush();
        pieces.push(piece);
        return;
      }
      small.add(piece);
      if (small.length >= MAX_TOGETHER_BYTES) flush();
    },
    take(): Uint8Array | undefined {
      if (pieces.length === 0) flush();
      return pieces.shift();
    },
    clear(): void {
      pieces = [];
      small.take();
    },
  };
};

export const createByteQueue = (source: Source): ByteQueue => {
  const pieces = createPieces();
  let size = 0;
  /** Since the reader has last taken something. */
  let count = 0;
  let isPaused = false;
  let state: State = { type: 'open' };
  let wake: () => void = () => undefined;

  const finish = (next: State): void => {
    if (state.type !== 'open') return;
    state = next;
    wake();
  };
  const take = (): Uint8Array | undefined => {
    const chunk = pieces.take();
    size -= chunk?.byteLength ?? 0;
    count = 0;
    // `resume` may call `push` at once, so the state is changed first.
    if (isPaused && size < MAX_BYTES / 2) {
      isPaused = false;
      source.resume();
    }
    return chunk;
  };

  const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    for (;;) {
      const chunk = take();
      if (chunk) return { done: false, value: chunk };
      if (state.type === 'failed') throw state.error;
      if (state.type !== 'open') return DONE;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };

  const leave = (): Promise<typeof DONE> => {
    const wasOpen = state.type === 'open';
    finish({ type: 'left' });
    pieces.clear();
    size = 0;
    if (wasOpen) source.leave();
    return Promise.resolve(DONE);
  };

  return {
    bytes: { [Symbol.asyncIterator]: () => ({ next, return: leave }) },
    push(chunk) {
      if (state.type !== 'open') return;
      pieces.put(chunk);
      size += chunk.byteLength;
      count++;
      if (!isPaused && (size >= MAX_BYTES || count >= MAX_PIECES)) {
        isPaused = true;
        source.pause();
      }
      wake();
    },
    end: () => finish({ type: 'ended' }),
    fail: (error) => finish({ type: 'failed', error }),
  };
};
