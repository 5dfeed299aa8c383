/** A line as it stands in a file, without its newline. */
export interface RawLine {
  readonly path: string;
  /** Counts from 1 in its file. */
  readonly number: number;
  readonly bytes: Buffer;
  /** Longer than anything that we write; `bytes` is then empty. */
  readonly tooLong: boolean;
}

/** Cuts chunks of a file into lines, and keeps at most one unfinished line. */
export interface LineSplitter {
  push(chunk: Buffer): void;
  /** Hands over what stands after the last newline: a line still being written, or one that a power cut tore. */
  end(): void;
}

const NEWLINE = 10;
const MAX_LINE_BYTES = 32 * 1024 * 1024;

/** The bytes of a line are valid only during `onLine`: the chunk under them is used again. */
export const createLineSplitter = (path: string, onLine: (line: RawLine) => void): LineSplitter => {
  let rest: Buffer[] = [];
  let restBytes = 0;
  let number = 0;

  const keep = (piece: Buffer): void => {
    restBytes += piece.length;
    if (restBytes > MAX_LINE_BYTES) rest = [];
    else if (piece.length > 0) rest.push(Buffer.from(piece));
  };
  const take = (tail: Buffer): void => {
    number++;
    const tooLong = restBytes + tail.length > MAX_LINE_BYTES;
    const bytes = tooLong ? Buffer.alloc(0) : rest.length > 0 ? Buffer.concat([...rest, tail]) : tail;
    rest = [];
    restBytes = 0;
    if (bytes.length > 0 || tooLong) onLine({ path, number, bytes, tooLong });
  };

  return {
    push(chunk) {
      let from = 0;
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
        take(chunk.subarray(from, at));
        from = at + 1;
      }
      keep(chunk.subarray(from));
    },
    end() {
      if (restBytes > 0) take(Buffer.alloc(0));
    },
  };
};
