/** How much of an answer is buffered before the sender is paused. */
const MAX_BYTES = 256 * 1024;

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

export const createByteQueue = (source: Source): ByteQueue => {
  let chunks: Uint8Array[] = [];
  let size = 0;
  let isPaused = false;
  let state: State = { type: 'open' };
  let wake: () => void = () => undefined;

  const finish = (next: State): void => {
    if (state.type !== 'open') return;
    state = next;
    wake();
  };
  const take = (): Uint8Array | undefined => {
    const chunk = chunks.shift();
    size -= chunk?.byteLength ?? 0;
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
    chunks = [];
    size = 0;
    if (wasOpen) source.leave();
    return Promise.resolve(DONE);
  };

  return {
    bytes: { [Symbol.asyncIterator]: () => ({ next, return: leave }) },
    push(chunk) {
      if (state.type !== 'open') return;
      chunks.push(chunk);
      size += chunk.byteLength;
      if (!isPaused && size >= MAX_BYTES) {
        isPaused = true;
        source.pause();
      }
      wake();
    },
    end: () => finish({ type: 'ended' }),
    fail: (error) => finish({ type: 'failed', error }),
  };
};
