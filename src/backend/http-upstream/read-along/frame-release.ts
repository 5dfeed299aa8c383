import { MAX_FRAME_BYTES, type PlacedFrame } from './frames.ts';
import { createHeldBytes } from './held-bytes.ts';

/** Gives the bytes of a stream on, where one event of it may not be for the client: so each waits for the end of its frame. */
export interface FrameRelease {
  /** `isHidden` has one entry for each frame that ends in the read. */
  push(read: Uint8Array, frames: readonly PlacedFrame[], isHidden: readonly boolean[]): Uint8Array;
  /** What still waits for the end of its frame. */
  end(isHidden: boolean): Uint8Array;
  /** Whether a part of a frame is out whose rest is still to come. */
  readonly isOpen: boolean;
}

const NONE = new Uint8Array(0);

export const createFrameRelease = (): FrameRelease => {
  const held = createHeldBytes();
  let isOpen = false;
  let wasHidden = false;

  return {
    push(read, frames, isHidden) {
      const out: Uint8Array[] = [];
      let from = 0;
      for (const [at, { type, end }] of frames.entries()) {
        // The end of a line goes the way of the frame that it belongs to.
        if (type !== 'line-end') wasHidden = isHidden[at] === true;
        const before = held.take();
        if (!wasHidden) out.push(before, read.subarray(from, end));
        isOpen = false;
        from = end;
      }
      const rest = read.subarray(from);
      // So long a frame is not read, so it is not the one that is to be left out.
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
