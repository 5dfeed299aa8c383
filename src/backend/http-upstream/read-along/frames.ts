import type { AlikeFrame } from './alike-frames.ts';
import { createHeldBytes } from './held-bytes.ts';
import { utf8Of } from './parse-data.ts';

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
  | { readonly type: 'line-end' }
  /** An event that differs from an earlier one in its texts alone. */
  | ({ readonly type: 'alike' } & AlikeFrame);

/** A frame. `end`: the index in the read where the next frame begins. */
export type PlacedFrame = SseFrame & { readonly end: number };

export interface FrameSplitter {
  /** Begins a read. Call when all frames of the one before were taken. */
  start(read: Uint8Array): void;
  /** The next frame that ends in this read; null, once, when there is no more of them. */
  next(): PlacedFrame | null;
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
  const text = utf8Of(bytes);
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

const placed = (frame: SseFrame, end: number): PlacedFrame => Object.assign(frame, { end });

/** Whether a part of an event has come. Comments, `id` and `retry` do not count. */
const isBegun = (bytes: Uint8Array): boolean =>
  utf8Of(bytes)
    .split(/\r\n|\r|\n/)
    .some((line) => !/^(?::|id\b|retry\b|$)/.test(line));

/** Where the next line begins, behind a line end. */
const nextLine = (read: Uint8Array, end: number): number =>
  read[end] === CR && read[end + 1] === LF ? end + 2 : end + 1;

/** The current frame, as far as it came with earlier reads. */
const createOpenFrame = () => {
  const held = createHeldBytes();
  let bytes = 0;
  return {
    keep(piece: Uint8Array): void {
      bytes += piece.length;
      if (bytes > MAX_FRAME_BYTES) held.clear();
      else held.add(piece);
    },
    /** Ends the frame. `last`: its part in this read. */
    finish(last: Uint8Array): SseFrame {
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
    },
    get isEmpty() {
      return bytes === 0;
    },
    /** Whether a part of an event has come. */
    get isBegun() {
      return bytes > MAX_FRAME_BYTES || isBegun(held.peek());
    },
  };
};

/**
 * Splits a stream of server-sent events into frames. Reads may end anywhere, and lines may end with CR, LF or CRLF. Takes
 * linear time, and buffers at most one frame.
 *
 * @param alikeAt - recognizes a whole frame that begins there, which then is not parsed; null: it is another one
 */
export const createFrameSplitter = (
  alikeAt: (read: Uint8Array, from: number) => (AlikeFrame & { readonly end: number }) | null = () => null,
): FrameSplitter => {
  const open = createOpenFrame();
  let lineBytes = 0;
  let isAfterCr = false;
  /** The current read, and where the current frame and the next line begin in it. */
  let read: Uint8Array = new Uint8Array(0);
  let from = 0;
  let at = 0;
  let nextLineEnd = createLineEnds(read);

  /** Whether nothing of the current frame has come. */
  const isAtStart = (): boolean => from === at && lineBytes === 0 && open.isEmpty;

  /** The LF of a CRLF that was cut is no line of its own. */
  const isCutLineEnd = (): boolean => {
    if (!isAfterCr || at !== 0 || read.length === 0) return false;
    isAfterCr = false;
    if (read[0] !== LF) return false;
    at = 1;
    if (!open.isEmpty) return false;
    from = 1;
    return true;
  };

  const next = (): PlacedFrame | null => {
    if (isCutLineEnd()) return { type: 'line-end', end: 1 };
    const alike = isAtStart() ? alikeAt(read, at) : null;
    if (alike) {
      from = alike.end;
      at = from;
      return placed({ type: 'alike', ...alike }, at);
    }
    for (let end = nextLineEnd(at); end !== -1; end = nextLineEnd(at)) {
      const isBlank = lineBytes + end - at === 0;
      lineBytes = 0;
      isAfterCr = read[end] === CR && end + 1 === read.length;
      at = nextLine(read, end);
      if (!isBlank) continue;
      const frame = open.finish(read.subarray(from, at));
      from = at;
      return placed(frame, at);
    }
    lineBytes += read.length - at;
    at = read.length;
    if (from < at) open.keep(read.subarray(from));
    from = at;
    return null;
  };

  return {
    start(given) {
      read = given;
      from = 0;
      at = 0;
      nextLineEnd = createLineEnds(read);
    },
    next,
    end() {
      lineBytes = 0;
      isAfterCr = false;
      return open.isEmpty ? null : placed(open.finish(new Uint8Array(0)), 0);
    },
    get inFrame() {
      return lineBytes > 0 || open.isBegun;
    },
  };
};
