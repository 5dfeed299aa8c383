import { createHeldBytes } from './held-bytes.ts';

/** One piece of an event stream, up to and with the blank line behind it. */
export type SseFrame =
  | { readonly type: 'event'; readonly name: string | null; readonly data: string }
  /** Comments, fields without data, a blank line more than it takes: clients are told nothing of it. */
  | { readonly type: 'silent' }
  /** JSON that stands where events should. */
  | { readonly type: 'json'; readonly data: string }
  /** Longer than the bound. */
  | { readonly type: 'unread'; readonly bytes: number }
  /** The LF of a CRLF whose CR was the last byte of the read before: it belongs to the frame before. */
  | { readonly type: 'line-end' };

/** A frame, and where the next one begins in the read that was given. */
export type PlacedFrame = SseFrame & { readonly end: number };

export interface FrameSplitter {
  /** The frames that end in this read. */
  push(read: Uint8Array): readonly PlacedFrame[];
  /** What stands behind the last blank line, read as a frame where it is one. Its `end` is 0. */
  end(): PlacedFrame | null;
  /** Whether what has come ends in the middle of an event, so that nothing can be said behind it. */
  readonly inFrame: boolean;
}

/** What is longer passes unread. */
export const MAX_FRAME_BYTES = 1024 * 1024;

const LF = 0x0a;
const CR = 0x0d;

/** One line of an event is `name: value`, with one blank or none; what has no name is a comment. */
const fieldOf = (line: string): readonly [string, string] => {
  const colon = line.indexOf(':');
  if (colon === -1) return [line, ''];
  const from = line.charCodeAt(colon + 1) === 0x20 ? colon + 2 : colon + 1;
  return [line.slice(0, colon), line.slice(from)];
};

const startsAsJson = (text: string): boolean => /^\s*[[{]/.test(text.slice(0, 64));

const BYTE_ORDER_MARK = '\uFEFF';

/** As UTF-8, without the mark that a stream may begin with. */
const textOf = (bytes: Uint8Array): string => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
};

/** The line ends of a read, one after the other: each byte is looked at no more than twice. */
const createLineEnds = (read: Uint8Array) => {
  let lf = -2;
  let cr = -2;
  const next = (known: number, byte: number, from: number): number =>
    known === -1 || known >= from ? known : read.indexOf(byte, from);
  /** Where the next line end from there begins; -1 where there is none. */
  return (from: number): number => {
    lf = next(lf, LF, from);
    cr = next(cr, CR, from);
    return lf === -1 || (cr !== -1 && cr < lf) ? cr : lf;
  };
};

/** Reads a frame by the rules of WHATWG's HTML standard, section 9.2.6. */
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

/** Whether something of an event has come: comments, an id and a time to wait say nothing. */
const isBegun = (bytes: Uint8Array): boolean =>
  textOf(bytes)
    .split(/\r\n|\r|\n/)
    .some((line) => !/^(?::|id\b|retry\b|$)/.test(line));

/**
 * Cuts a stream of server-sent events into its frames, wherever its reads are cut and whatever its lines end in. Takes linear time, and keeps no
 * more than one frame.
 */
export const createFrameSplitter = (): FrameSplitter => {
  const held = createHeldBytes();
  /** Of the frame that is coming. */
  let bytes = 0;
  let lineBytes = 0;
  let isAfterCr = false;

  const keep = (piece: Uint8Array): void => {
    bytes += piece.length;
    if (bytes > MAX_FRAME_BYTES) held.clear();
    else held.add(piece);
  };

  /** `last`: the part of the frame that is in this read. */
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
