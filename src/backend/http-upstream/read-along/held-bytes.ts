const FIRST_BYTES = 1024;
/** A larger buffer is given back by `clear`. */
const KEPT_BYTES = 64 * 1024;

/** A piece that is kept as it is holds all of the memory that it is a part of. */
const MAX_HELD_FACTOR = 4;
const NONE = new Uint8Array(0);

/** A growing buffer, which may keep the first piece as it is: the caller must not change it. Adding many small pieces takes linear time. It has no bound of its own. */
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

/** A class, since there are several of these for each request, and an object that is written down with a getter takes long to make. */
class GrowingBytes implements HeldBytes {
  #buffer: Uint8Array = NONE;
  #length = 0;
  /** Whether the buffer is the one piece that was added, and not ours to write to. */
  #isLent = false;

  get length(): number {
    return this.#length;
  }

  add(bytes: Uint8Array): void {
    const isWorthKeeping = bytes.length * MAX_HELD_FACTOR >= bytes.buffer.byteLength;
    if (this.#length === 0 && this.#buffer.length < bytes.length && isWorthKeeping) {
      this.#buffer = bytes;
      this.#length = bytes.length;
      this.#isLent = true;
      return;
    }
    const length = this.#length + bytes.length;
    if (this.#isLent || length > this.#buffer.length) this.#grow(length);
    this.#buffer.set(bytes, this.#length);
    this.#length = length;
  }

  take(): Uint8Array {
    const taken = this.peek();
    this.#drop();
    return taken;
  }

  peek(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  clear(): void {
    if (this.#isLent || this.#buffer.length > KEPT_BYTES) this.#drop();
    this.#length = 0;
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafe(Math.max(needed, FIRST_BYTES, 2 * this.#buffer.length));
    larger.set(this.peek());
    this.#buffer = larger;
    this.#isLent = false;
  }

  #drop(): void {
    this.#buffer = NONE;
    this.#length = 0;
    this.#isLent = false;
  }
}

export const createHeldBytes = (): HeldBytes => new GrowingBytes();
