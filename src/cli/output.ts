import type { Writable } from 'node:stream';

/** Standard output, whose reader may leave at any time. */
export interface CliOutput {
  /** Resolves when the text has been handed over; after the reader has left, at once. */
  write(text: string): Promise<void>;
  /** Aborts when the reader leaves (`| head`). */
  readonly left: AbortSignal;
}

/** Lets a reader leave quietly. Any other failure, such as a full disk, is thrown by `write`. */
export const createOutput = (stream: Writable): CliOutput => {
  const left = new AbortController();
  const leave = (error: Error): void => {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') left.abort();
  };
  stream.on('error', leave);
  return {
    left: left.signal,
    write: (text) => {
      if (left.signal.aborted) return Promise.resolve();
      return new Promise((resolve, reject) => {
        stream.write(text, (error) => {
          if (error) leave(error);
          if (error && !left.signal.aborted) reject(error);
          else resolve();
        });
      });
    },
  };
};
