const NEWLINE = 0x0a;

/** Cuts a byte stream into lines, keeps at most one unfinished line, and bounds how long a line may be. */
export interface LineSplitter {
  /** Takes the next bytes; calls back for every line that they complete. */
  push(chunk: Buffer): void;
  /** The bytes that wait for their newline. */
  readonly pendingBytes: number;
  /** Hands over what stands after the last newline, where there is something. */
  end(): void;
}

export interface LineSplitterOptions {
  readonly maxBytes: number;
  /** Whether the memory of a chunk is used again for the next one: then what is kept of it is copied. */
  readonly reusesChunks?: boolean;
  /** A line without its newline, empty ones too. Its bytes are valid only during the call. */
  onLine(line: Buffer): void;
  /** A line over the bound was thrown away; `bytes` counts what it had, without its newline, and `start` is how it began. */
  onTooLong(bytes: number, start: string): void;
}

/** How much is kept of a line that is thrown away: it may say whom the line is about. */
const START_BYTES = 512;

/** Small pieces are put together when there are this many: each costs a hundred bytes of its own, and a line may come byte by byte. */
const MAX_PIECES = 1024;

export const createLineSplitter = (options: LineSplitterOptions): LineSplitter => {
  const { maxBytes, onLine, onTooLong, reusesChunks = false } = options;
  /** What the line has so far: pieces that were put together, then the newest ones as they came. */
  let blocks: Buffer[] = [];
  let pieces: Buffer[] = [];
  let bytes = 0;
  let start = '';

  /** The beginning of the line, of which this is the newest piece. */
  const startOf = (piece: Buffer): string =>
    start || (blocks[0] ?? Buffer.concat([...pieces, piece])).subarray(0, START_BYTES).toString('utf8');

  const keep = (piece: Buffer): void => {
    bytes += piece.length;
    if (bytes > maxBytes) {
      start = startOf(piece);
      blocks = [];
      pieces = [];
    } else if (piece.length > 0) pieces.push(reusesChunks ? Buffer.from(piece) : piece);
    if (pieces.length < MAX_PIECES) return;
    blocks.push(Buffer.concat(pieces));
    pieces = [];
  };

  /** `tail` ends the line; most lines stand whole in one chunk, and are not copied. */
  const finish = (tail: Buffer): void => {
    const length = bytes + tail.length;
    const began = length > maxBytes ? startOf(tail) : '';
    const line = length > maxBytes || bytes === 0 ? tail : Buffer.concat([...blocks, ...pieces, tail]);
    blocks = [];
    pieces = [];
    bytes = 0;
    start = '';
    if (length > maxBytes) onTooLong(length, began);
    else onLine(line);
  };

  return {
    push(chunk) {
      let from = 0;
      for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
        finish(chunk.subarray(from, end));
        from = end + 1;
      }
      keep(chunk.subarray(from));
    },
    get pendingBytes() {
      return bytes > maxBytes ? 0 : bytes;
    },
    end() {
      if (bytes > 0) finish(Buffer.alloc(0));
    },
  };
};

/** For lines that are texts: as UTF-8, without those that are blank. */
export const ofTexts =
  (onText: (line: string) => void): LineSplitterOptions['onLine'] =>
  (bytes) => {
    const text = bytes.toString('utf8');
    if (text.trim() !== '') onText(text);
  };
