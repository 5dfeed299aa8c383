import type { Pace } from './pace.ts';
import { piecesOf } from './pieces.ts';

const [QUOTE, BACKSLASH, COMMA, BRACKET, BRACE] = Buffer.from('"\\,[{');

/** Counts the values of JSON that comes piece by piece. */
const createCounter = (): ((json: Uint8Array) => number) => {
  let values = 1;
  let inText = false;
  let isEscaped = false;
  return (json) => {
    for (let at = 0; at < json.length; at++) {
      const byte = json[at];
      if (inText) {
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else inText = byte !== QUOTE;
      } else if (byte === QUOTE) inText = true;
      else if (byte === COMMA || byte === BRACKET || byte === BRACE) values++;
    }
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
