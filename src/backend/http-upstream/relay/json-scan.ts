import type { Pace } from '../../../pace.ts';

const [QUOTE, BACKSLASH, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET, COMMA] =
  Buffer.from('"\\{}[],');
const [SPACE, TAB, LINE_FEED, RETURN] = Buffer.from(' \t\n\r');

/** How many bytes are scanned between two rests. */
const SLICE_BYTES = 64 * 1024;

const isSpace = (byte: number | undefined): boolean =>
  byte === SPACE || byte === LINE_FEED || byte === RETURN || byte === TAB;

/** The first index from `at` on that is not white space. */
export const endOfSpace = (bytes: Uint8Array, at: number): number => {
  let end = at;
  while (isSpace(bytes[end])) end++;
  return end;
};

/** The index after the last byte before `at` that is not white space. */
export const beginOfSpace = (bytes: Uint8Array, at: number): number => {
  let begin = at;
  while (isSpace(bytes[begin - 1])) begin--;
  return begin;
};

interface Scan {
  at: number;
  depth: number;
  inText: boolean;
}

/** Scans the bytes up to `to`. True if the value has ended: at `scan.at`. */
const scanUpTo = (scan: Scan, bytes: Uint8Array, to: number): boolean => {
  let { at, depth, inText } = scan;
  let isEnd = false;
  for (; at < to && !isEnd; at++) {
    const byte = bytes[at];
    if (inText) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) {
        inText = false;
        isEnd = depth === 0;
      }
    } else if (byte === QUOTE) inText = true;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      // A number or a word at the end of its object or list ends before the bracket.
      if (depth === 0) break;
      isEnd = --depth === 0;
    } else if (depth === 0 && (byte === COMMA || isSpace(byte))) break;
  }
  const hasBroken = !isEnd && at < to;
  Object.assign(scan, { at, depth, inText });
  return isEnd || hasBroken;
};

/** The index after the last byte of the JSON value that begins at `at`. */
export const endOfValue = async (bytes: Uint8Array, at: number, pace: Pace): Promise<number> => {
  const scan: Scan = { at, depth: 0, inText: false };
  while (scan.at < bytes.length) {
    if (scanUpTo(scan, bytes, Math.min(scan.at + SLICE_BYTES, bytes.length))) break;
    await pace.rest();
  }
  return Math.min(scan.at, bytes.length);
};

/** The key in the bytes from `from` up to, but not including, `to`, which hold its quotes too. */
export const keyOf = (bytes: Uint8Array, from: number, to: number): string => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('utf8');
  return text.includes('\\') ? (JSON.parse(text) as string) : text.slice(1, -1);
};
