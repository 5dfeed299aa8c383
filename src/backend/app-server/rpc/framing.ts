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

export const createLineReader = ({ maxLineBytes, onLine, onOverlong }: LineReaderOptions): LineReader => {
  let parts: Buffer[] = [];
  let bytes = 0;

  const keep = (part: Buffer): void => {
    bytes += part.length;
    if (bytes > maxLineBytes) parts = [];
    else if (part.length > 0) parts.push(part);
  };

  const finish = (): void => {
    const [line, length] = [Buffer.concat(parts).toString('utf8'), bytes];
    parts = [];
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
      return parts.reduce((sum, part) => sum + part.length, 0);
    },
  };
};
