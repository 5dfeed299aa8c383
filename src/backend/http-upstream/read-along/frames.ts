import { createHeldBytes } from './held-bytes.ts';

/** One frame of an event stream, with the blank line that ends it. */
export type SseFrame =
  | { readonly type: 'event'; readonly name: string | null; readonly data: string }
  /** Comments, fields without data or an extra blank line: no event. */
  | { readonly type: 'silent' }
  /** JSON in place of an event. */
  | { readonly type: 'json'; readonly data: string }
  /** Longer than `MAX_FRAME_BYTES`. */
  | { readonly type: 'unread'; readonly bytes: number }
  /** The LF of a CRLF whose CR ended the previous read: it belongs to the previous frame. */
  | { readonly type: 'line-end' };

/** A frame. `end`: the index in the read where the next frame begins. */
export type PlacedFrame = SseFrame & { readonly end: number };

export interface FrameSplitter {
  /** Returns the frames that end in this read. */
  push(read: Uint8Array): readonly PlacedFrame[];
  /** Returns what came after the last blank line as a frame; null if nothing did. Its `end` is 0. */
  end(): PlacedFrame | null;
  /** Whether the stream so far ends inside an event, so that no error event can follow. */
  readonly inFrame: boolean;
}

/** A longer frame is passed on but not parsed. */
export const MAX_FRAME_BYTES = 1024 * 1024;

const LF = 0x0a;
const CR = 0x0d;

/** The name and value of a line `name: value`; one space after the colon is dropped. A comment has an empty name. */
const fieldOf = (line: string): readonly [string, string] => {
  const colon = line.indexOf(':');
  if (colon === -1) return [line, ''];
  const from = line.charCodeAt(colon + 1) === 0x20 ? colon + 2 : colon + 1;
  return [line.slice(0, colon), line.slice(from)];
};

const startsAsJson = (text: string): boolean => /^\s*[[{]/.test(text.slice(0, 64));

const BYTE_ORDER_MARK = '\uFEFF';

/** Decodes UTF-8, without a byte order mark at the beginning. */
const textOf = (bytes: Uint8Array): string => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
};

/** Finds the line ends of a read, in order. Looks at each byte at most twice. */
const createLineEnds = (read: Uint8Array) => {
  let lf = -2;
  let cr = -2;
  const next = (known: number, byte: number, from: number): number =>
    known === -1 || known >= from ? known : read.indexOf(byte, from);
  /** The index of the next line end from `from` on; -1 if there is none. */
  return (from: number): number => {
    lf = next(lf, LF, from);
    cr = next(cr, CR, from);
    return lf === -1 || (cr !== -1 && cr < lf) ? cr : lf;
  };
};

/** Parses a frame by the WHATWG HTML standard, section 9.2.6. */
const readFrame = (bytes: Uint8Array): SseFrame => {
  const text = textOf(bytes);
  let name: string | null = null;
  const data: string[] = [];
  for (const line of text.split(/\r\n|\r|\n/)) {
    const [field, value] = fieldOf(line);
    if (field === 'data') data.push(value);
    else if (field === 'event') name = value;
  }
  if (data.length > 0) return { type: 'event', name, data: data.join('\n') };
  return startsAsJson(text) ? { type: 'json', data: text } : { type: 'silent' };
};

/** Whether a part of an event has come. Comments, `id` and `retry` do not count. */
const isBegun = (bytes: Uint8Array): boolean =>
  textOf(bytes)
    .split(/\r\n|\r|\n/)
    .some((line) => !/^(?::|id\b|retry\b|$)/.test(line));

/**
 * Splits a stream of server-sent events into frames. Reads may end anywhere, and lines may end with CR, LF or CRLF. Takes
 * linear time, and buffers at most one frame.
 */
export const createFrameSplitter = (): FrameSplitter => {
  const held = createHeldBytes();
  /** How many bytes of the current frame came with earlier reads. */
  let bytes = 0;
  let lineBytes = 0;
  let isAfterCr = false;

  const keep = (piece: Uint8Array): void => {
    bytes += piece.length;
    if (bytes > MAX_FRAME_BYTES) held.clear();
    else held.add(piece);
  };

  /** Ends the current frame. `last`: its part in this read. */
  const finish = (last: Uint8Array): SseFrame => {
    const size = bytes + last.length;
    const isWhole = bytes === 0;
    bytes = 0;
    if (size > MAX_FRAME_BYTES) {
      held.clear();
      return { type: 'unread', bytes: size };
    }
    if (isWhole) return readFrame(last);
    held.add(last);
    const frame = readFrame(held.peek());
    held.clear();
    return frame;
  };

  return {
    push(read) {
      const frames: PlacedFrame[] = [];
      let from = 0;
      let at = 0;
      if (isAfterCr && read[0] === LF) {
        at = 1;
        if (bytes === 0) {
          frames.push({ type: 'line-end', end: 1 });
          from = 1;
        }
      }
      if (read.length > 0) isAfterCr = false;
      const nextLineEnd = createLineEnds(read);
      for (let end = nextLineEnd(at); end !== -1; end = nextLineEnd(at)) {
        lineBytes += end - at;
        at = end + 1;
        if (read[end] === CR) {
          if (at === read.length) isAfterCr = true;
          else if (read[at] === LF) at++;
        }
        if (lineBytes === 0) {
          frames.push({ ...finish(read.subarray(from, at)), end: at });
          from = at;
        }
        lineBytes = 0;
      }
      lineBytes += read.length - at;
      keep(read.subarray(from));
      return frames;
    },
    end() {
      lineBytes = 0;
      isAfterCr = false;
      return bytes === 0 ? null : { ...finish(new Uint8Array(0)), end: 0 };
    },
    get inFrame() {
      return lineBytes > 0 || bytes > MAX_FRAME_BYTES || isBegun(held.peek());
    },
  };
};
