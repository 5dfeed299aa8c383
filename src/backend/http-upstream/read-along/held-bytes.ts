const FIRST_BYTES = 1024;
/** A larger buffer is given back by `clear`. */
const KEPT_BYTES = 64 * 1024;

/** A growing buffer. Adding many small pieces takes linear time. It has no bound of its own. */
export interface HeldBytes {
  readonly length: number;
  add(bytes: Uint8Array): void;
  /** Returns all bytes, which the caller may keep, and empties the buffer. */
  take(): Uint8Array;
  /** Returns all bytes. They are valid until the next call. */
  peek(): Uint8Array;
  /** Empties the buffer. */
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
