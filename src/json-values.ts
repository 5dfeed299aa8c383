import type { Pace } from './pace.ts';
import { piecesOf } from './pieces.ts';

const [QUOTE, BACKSLASH, COMMA, BRACKET, BRACE] = Buffer.from('"\\,[{');

/** A longer text is searched by a native call, which costs as much as some twenty steps of a loop. */
const SHORT_TEXT_BYTES = 24;

/** Counts the values of JSON that comes piece by piece. */
const createCounter = (): ((json: Uint8Array) => number) => {
  let values = 1;
  let inText = false;
  let isEscaped = false;

  /** Whether the byte at `at` is escaped by backslashes that stand from `from` on. */
  const isEscapedAt = (json: Uint8Array, from: number, at: number): boolean => {
    let first = at;
    while (first > from && json[first - 1] === BACKSLASH) first--;
    return (at - first) % 2 === 1;
  };

  const nextQuote = (json: Uint8Array, from: number): number => {
    const end = Math.min(json.length, from + SHORT_TEXT_BYTES);
    for (let at = from; at < end; at++) if (json[at] === QUOTE) return at;
    return end === json.length ? -1 : json.indexOf(QUOTE as number, end);
  };

  /** Where it goes on behind the text that has begun before `at`. */
  const behindText = (json: Uint8Array, at: number): number => {
    const from = at + Number(isEscaped);
    isEscaped = false;
    for (let quote = nextQuote(json, from); quote !== -1; quote = nextQuote(json, quote + 1)) {
      if (isEscapedAt(json, from, quote)) continue;
      inText = false;
      return quote + 1;
    }
    isEscaped = isEscapedAt(json, from, json.length);
    return json.length;
  };

  /** Where the next text begins; counts what comes before it. */
  const behindValues = (json: Uint8Array, from: number): number => {
    let count = 0;
    let at = from;
    for (; at < json.length; at++) {
      const byte = json[at];
      if (byte === QUOTE) break;
      if (byte === COMMA || byte === BRACKET || byte === BRACE) count++;
    }
    values += count;
    inText = at < json.length;
    return at + 1;
  };

  return (json) => {
    for (let at = 0; at < json.length; ) at = inText ? behindText(json, at) : behindValues(json, at);
    return values;
  };
};

/**
 * Whether JSON has more values than that, before it is parsed: a parser works in one step, and many small values take it longer than a
 * long text. The pieces should be of some 64 KiB, since others have the event loop between them.
 */
export const hasMoreValues = async (
  pieces: Iterable<Uint8Array>,
  maxValues: number,
  pace: Pace,
): Promise<boolean> => {
  const count = createCounter();
  for (const piece of pieces) {
    if (count(piece) > maxValues) return true;
    await pace.rest();
  }
  return false;
};

/** To parse so many values takes some 20 ms. */
const MAX_PARSED_VALUES = 250_000;
const SCANNED_CHARS = 64 * 1024;

function* bytesOf(text: string): Generator<Uint8Array> {
  for (const piece of piecesOf(text, SCANNED_CHARS)) yield Buffer.from(piece);
}

/** Whether a text has too many values to be parsed in one step. */
export const isTooMuchToParse = (text: string, pace: Pace): Promise<boolean> =>
  hasMoreValues(bytesOf(text), MAX_PARSED_VALUES, pace);
