import type { AnswerBytes } from '../../../gateway/relay.ts';
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
  readonly bytes: Required<AnswerBytes>;
  push(chunk: Uint8Array): void;
  end(): void;
  /** The reader gets the bytes that have come, and then the error. */
  fail(error: Error): void;
}

type State =
  | { readonly type: 'open' | 'ended' | 'left' }
  | { readonly type: 'failed'; readonly error: Error };

const DONE = { done: true, value: undefined } as const;

/** Pieces in their order, few however small they come. The sender is held back while they are many bytes. */
const createPieces = (source: Pick<Source, 'pause' | 'resume'>) => {
  let pieces: Uint8Array[] = [];
  const small = createHeldBytes();
  let size = 0;
  /** Since the reader has last taken something. */
  let count = 0;
  let isPaused = false;

  const flush = (): void => {
    if (small.length > 0) pieces.push(small.take());
  };
  const keep = (piece: Uint8Array): void => {
    const isFirst = pieces.length === 0 && small.length === 0;
    if (isFirst || piece.byteLength >= SMALL_BYTES) {
      flush();
      pieces.push(piece);
      return;
    }
    small.add(piece);
    if (small.length >= MAX_TOGETHER_BYTES) flush();
  };

  return {
    put(piece: Uint8Array): void {
      keep(piece);
      size += piece.byteLength;
      count++;
    },
    holdBack(): void {
      if (isPaused || (size < MAX_BYTES && count < MAX_PIECES)) return;
      isPaused = true;
      source.pause();
    },
    take(): Uint8Array | undefined {
      if (pieces.length === 0) flush();
      const piece = pieces.shift();
      size -= piece?.byteLength ?? 0;
      count = 0;
      // `resume` may call `push` at once, so the state is changed first.
      if (isPaused && size < MAX_BYTES / 2) {
        isPaused = false;
        source.resume();
      }
      return piece;
    },
    clear(): void {
      pieces = [];
      small.take();
      size = 0;
    },
    get isEmpty() {
      return size === 0;
    },
  };
};

type Take = (piece: Uint8Array) => Promise<void> | null;

/** Hands pieces to who takes them, one after the other. */
interface HandOver {
  /** Hands over what waits, unless the one before is still being taken; then says how it ended. */
  goOn(): void;
  /** Nobody takes any more. */
  stop(): void;
}

interface Waiting {
  /** The next piece that waits. */
  take(): Uint8Array | undefined;
  /** What is said behind the last piece; null: more may come. */
  ending(): (() => void) | null;
  fail(thrown: unknown): void;
}

const createHandOver = (give: Take, { take, ending, fail }: Waiting): HandOver => {
  let isBusy = false;
  let isOver = false;

  const hand = (piece: Uint8Array): void => {
    const waits = give(piece);
    if (waits === null) isBusy = false;
    else {
      const resume = (): void => {
        isBusy = false;
        goOn();
      };
      waits.then(resume, fail);
    }
  };

  const goOn = (): void => {
    while (!isBusy && !isOver) {
      // What comes while this piece is taken, or while the sender goes on, is behind it.
      isBusy = true;
      const piece = take();
      if (piece) {
        try {
          hand(piece);
        } catch (thrown) {
          fail(thrown);
        }
        continue;
      }
      isBusy = false;
      const end = ending();
      if (!end) return;
      isOver = true;
      end();
    }
  };

  return {
    goOn,
    stop() {
      isOver = true;
    },
  };
};

export const createByteQueue = (source: Source): ByteQueue => {
  const pieces = createPieces(source);
  let state: State = { type: 'open' };
  /** Tells the reader that something has come, or that it is over. */
  let wake: () => void = () => undefined;

  const finish = (next: State): boolean => {
    if (state.type !== 'open') return false;
    state = next;
    wake();
    return true;
  };

  const leave = (): Promise<typeof DONE> => {
    const wasOpen = finish({ type: 'left' });
    pieces.clear();
    if (wasOpen) source.leave();
    return Promise.resolve(DONE);
  };

  const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    for (;;) {
      const chunk = pieces.take();
      if (chunk) return { done: false, value: chunk };
      if (state.type === 'failed') throw state.error;
      if (state.type !== 'open') return DONE;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };

  const each = (give: Take): Promise<void> =>
    new Promise((resolve, reject) => {
      const ending = (): (() => void) | null => {
        if (!pieces.isEmpty || state.type === 'open') return null;
        const { error } = state as { error?: Error };
        return () => (error ? reject(error) : resolve());
      };
      const fail = (thrown: unknown): void => {
        handOver.stop();
        reject(thrown as Error);
        void leave();
      };
      const handOver = createHandOver(give, { take: pieces.take, ending, fail });
      wake = handOver.goOn;
      handOver.goOn();
    });

  return {
    bytes: { [Symbol.asyncIterator]: () => ({ next, return: leave }), each },
    push(chunk) {
      if (state.type !== 'open') return;
      pieces.put(chunk);
      wake();
      pieces.holdBack();
    },
    end: () => void finish({ type: 'ended' }),
    fail: (error) => void finish({ type: 'failed', error }),
  };
};
