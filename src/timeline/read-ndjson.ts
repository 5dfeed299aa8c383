import { createLineSplitter, type LineSplitter } from '../line-splitter.ts';
import { type LogFile, openLogFiles } from './log-files.ts';

export { LogFileError } from './log-files.ts';

/** A line as it stands in a file, without its newline. */
export interface RawLine {
  readonly path: string;
  /** Counts from 1 in its file. */
  readonly number: number;
  readonly bytes: Buffer;
  /** Longer than anything that we write; `bytes` is then empty. */
  readonly tooLong: boolean;
}

const MAX_LINE_BYTES = 32 * 1024 * 1024;

/** Numbers the lines of a file; empty ones count, and are not handed over. */
const splitterOf = (path: string, onLine: (line: RawLine) => void): LineSplitter => {
  let number = 0;
  return createLineSplitter({
    maxBytes: MAX_LINE_BYTES,
    reusesChunks: true,
    onLine(bytes) {
      number++;
      if (bytes.length > 0) onLine({ path, number, bytes, tooLong: false });
    },
    onTooLong: () => onLine({ path, number: ++number, bytes: Buffer.alloc(0), tooLong: true }),
  });
};

/** Reads a log file and its rotated siblings, oldest first, and goes on where it stopped when called again. */
export interface NdjsonReader {
  /** Hands over every whole line that has not been read yet. Its bytes are valid only during the call. */
  read(onLine: (line: RawLine) => void): Promise<void>;
  /** False while there has been no such file. */
  readonly found: boolean;
  close(): Promise<void>;
}

const CHUNK_BYTES = 256 * 1024;

interface OpenFile extends LogFile {
  readonly splitter: LineSplitter;
  position: number;
}

/** Memory stays the same however big the files are: one chunk, and one unfinished line. */
export const createNdjsonReader = (path: string): NdjsonReader => {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let current: OpenFile | null = null;
  let onLine: (line: RawLine) => void = () => undefined;

  const openSplit = (file: LogFile): OpenFile => ({
    ...file,
    position: 0,
    splitter: splitterOf(file.path, (line) => onLine(line)),
  });

  const readToEnd = async (file: OpenFile): Promise<void> => {
    for (;;) {
      const position = file.seekable ? file.position : null;
      const { bytesRead } = await file.handle.read(buffer, 0, CHUNK_BYTES, position);
      if (bytesRead === 0) return;
      file.position += bytesRead;
      file.splitter.push(buffer.subarray(0, bytesRead));
    }
  };

  /** A file that got shorter was emptied in place: what it holds now is new. */
  const startAgainIfEmptied = async (file: OpenFile): Promise<void> => {
    const { size } = await file.handle.stat();
    if (file.seekable && size < file.position) current = openSplit(file);
  };

  const moveOn = async (next: LogFile): Promise<void> => {
    if (current) {
      await readToEnd(current);
      current.splitter.end();
      await current.handle.close();
    }
    current = openSplit(next);
  };

  return {
    get found() {
      return current !== null;
    },
    async read(listener) {
      onLine = listener;
      if (current) await startAgainIfEmptied(current);
      for (const file of await openLogFiles(path, current?.inode)) await moveOn(file);
      if (current) await readToEnd(current);
    },
    async close() {
      current?.splitter.end();
      await current?.handle.close();
      current = null;
    },
  };
};

/**
 * Reads what the files hold now, what stands after the last newline included.
 *
 * @returns false when there is no such file
 * @throws LogFileError for a file that is there and cannot be read
 */
export const readNdjson = async (path: string, onLine: (line: RawLine) => void): Promise<boolean> => {
  const reader = createNdjsonReader(path);
  try {
    await reader.read(onLine);
    return reader.found;
  } finally {
    await reader.close();
  }
};
