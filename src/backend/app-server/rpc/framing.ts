const NEWLINE = 0x0a;

/** Cuts a byte stream into lines and bounds how long a line may be. */
export interface LineReader {
  /** Takes the next bytes; calls back for every line that they complete. */
  push(chunk: Buffer): void;
  /** The bytes that wait for their newline. */
  readonly pendingBytes: number;
}

interface LineReaderOptions {
  readonly maxLineBytes: number;
  onLine(line: string): void;
  /** A line over the bound was thrown away; `bytes` counts what it had, without its newline. */
  onOverlong(bytes: number): void;
}

/** Small pieces are put together when there are this many: each costs a hundred bytes of its own, and a line may come byte by byte. */
const MAX_PIECES = 1024;

export const createLineReader = ({ maxLineBytes, onLine, onOverlong }: LineReaderOptions): LineReader => {
  /** What the line has so far: pieces that were put together, then the newest ones as they came. */
  let blocks: Buffer[] = [];
  let pieces: Buffer[] = [];
  let bytes = 0;

  const keep = (piece: Buffer): void => {
    bytes += piece.length;
    if (bytes > maxLineBytes) {
      blocks = [];
      pieces = [];
    } else if (piece.length > 0) pieces.push(piece);
    if (pieces.length < MAX_PIECES) return;
    blocks.push(Buffer.concat(pieces));
    pieces = [];
  };

  const finish = (): void => {
    const [line, length] = [Buffer.concat([...blocks, ...pieces]).toString('utf8'), bytes];
    blocks = [];
    pieces = [];
    bytes = 0;
    if (length > maxLineBytes) onOverlong(length);
    else if (line.trim() !== '') onLine(line);
  };

  return {
    push(chunk) {
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
        keep(chunk.subarray(start, end));
        finish();
        start = end + 1;
      }
      keep(chunk.subarray(start));
    },
    get pendingBytes() {
      return bytes > maxLineBytes ? 0 : bytes;
    },
  };
};
