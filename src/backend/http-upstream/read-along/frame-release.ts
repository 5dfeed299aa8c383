import { MAX_FRAME_BYTES, type PlacedFrame } from './frames.ts';
import { createHeldBytes } from './held-bytes.ts';

/** Passes on the bytes of a stream without hidden frames. Bytes wait for the end of their frame, since it may be hidden. */
export interface FrameRelease {
  /** Returns the bytes for the client. `isHidden` has one entry for each frame that ends in the read. */
  push(read: Uint8Array, frames: readonly PlacedFrame[], isHidden: readonly boolean[]): Uint8Array;
  /** Returns the bytes that still wait. */
  end(isHidden: boolean): Uint8Array;
  /** Whether only a part of a frame has been passed on so far. */
  readonly isOpen: boolean;
}

const NONE = new Uint8Array(0);

export const createFrameRelease = (): FrameRelease => {
  const held = createHeldBytes();
  let isOpen = false;
  let wasHidden = false;

  return {
    push(read, frames, isHidden) {
      const isWhole =
        frames.at(-1)?.end === read.length && held.length === 0 && frames[0]?.type !== 'line-end';
      if (isWhole && !isHidden.includes(true)) {
        isOpen = false;
        wasHidden = false;
        return read;
      }
      const out: Uint8Array[] = [];
      let from = 0;
      for (const [at, { type, end }] of frames.entries()) {
        // A line end is hidden if its frame is.
        if (type !== 'line-end') wasHidden = isHidden[at] === true;
        const before = held.take();
        if (!wasHidden) out.push(before, read.subarray(from, end));
        isOpen = false;
        from = end;
      }
      const rest = read.subarray(from);
      // A frame this long is not parsed, so it cannot be the hidden one.
      if (isOpen || held.length + rest.length > MAX_FRAME_BYTES) {
        isOpen = true;
        out.push(held.take(), rest);
      } else held.add(rest);
      const parts = out.filter(({ length }) => length > 0);
      return parts.length === 1 ? (parts[0] ?? NONE) : Buffer.concat(parts);
    },
    end(isHidden) {
      const rest = held.take();
      return isHidden ? NONE : rest;
    },
    get isOpen() {
      return isOpen;
    },
  };
};
