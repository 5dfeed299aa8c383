/** The first bytes of an answer, and the whole answer, these bytes included. */
export interface Peeked {
  readonly start: Uint8Array;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * Reads the beginning of an answer, up to `maxBytes` or its end. Never rejects: if the answer is cut, `start` holds what
 * came, and the reader of `bytes` gets the error.
 */
export const peek = async (bytes: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Peeked> => {
  const iterator = bytes[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  let size = 0;
  let failure: { readonly thrown: unknown } | null = null;
  while (size < maxBytes) {
    try {
      const next = await iterator.next();
      if (next.done) break;
      chunks.push(next.value);
      size += next.value.byteLength;
    } catch (thrown) {
      failure = { thrown };
      break;
    }
  }

  async function* all(): AsyncGenerator<Uint8Array> {
    try {
      yield* chunks;
      if (failure) throw failure.thrown;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }

  return { start: Buffer.concat(chunks), bytes: all() };
};
