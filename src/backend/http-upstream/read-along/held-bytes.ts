const FIRST_BYTES = 1024;
/** So much room is kept for what comes next. */
const KEPT_BYTES = 64 * 1024;

/** Bytes that wait for what follows them. Each is copied at most twice, however small the pieces are in which they come. */
export interface HeldBytes {
  readonly length: number;
  add(bytes: Uint8Array): void;
  /** All that was held, for the caller to keep. */
  take(): Uint8Array;
  /** All that is held, valid until the next call. */
  peek(): Uint8Array;
  /** Forgets what was held. */
  clear(): void;
}

export const createHeldBytes = (): HeldBytes => {
  let buffer: Uint8Array = new Uint8Array(0);
  let length = 0;

  const grow = (needed: number): void => {
    const larger = Buffer.allocUnsafe(Math.max(needed, FIRST_BYTES, 2 * buffer.length));
    larger.set(buffer.subarray(0, length));
    buffer = larger;
  };

  return {
    get length() {
      return length;
    },
    add(bytes) {
      if (length + bytes.length > buffer.length) grow(length + bytes.length);
      buffer.set(bytes, length);
      length += bytes.length;
    },
    take() {
      const taken = buffer.subarray(0, length);
      buffer = new Uint8Array(0);
      length = 0;
      return taken;
    },
    peek: () => buffer.subarray(0, length),
    clear() {
      if (buffer.length > KEPT_BYTES) buffer = new Uint8Array(0);
      length = 0;
    },
  };
};
