import type { Writable } from 'node:stream';
import { createFifo } from '../../../fifo.ts';
import type { Pace } from '../../../pace.ts';
import { piecesOf } from '../../../pieces.ts';

/**
 * Lines to a process: those of one turn of the event loop in one write; a long one is encoded piece by piece, so that others have the event
 * loop meanwhile.
 */
export interface PacedInput {
  /** False when too much is unread. To a process that is gone nothing is sent. */
  send(line: string): boolean;
}

const MAX_UNREAD_BYTES = 64 * 1024 * 1024;
const PIECE_CHARS = 256 * 1024;

export const createPacedInput = (stream: Writable | null, pace: Pace): PacedInput => {
  /** Lines that wait behind a long one, and that one itself. */
  const lines = createFifo<string>();
  let waitingChars = 0;
  let isRunning = false;

  let isCorked = false;
  const write = (part: string | Buffer): void => {
    if (!stream?.writable) return;
    if (!isCorked) {
      isCorked = true;
      stream.cork();
      setImmediate(() => {
        isCorked = false;
        stream.uncork();
      });
    }
    stream.write(part);
  };

  const run = async (): Promise<void> => {
    isRunning = true;
    for (let line = lines.take(); line !== undefined; line = lines.take()) {
      for (const piece of piecesOf(line, PIECE_CHARS)) {
        // As bytes: texts that wait would all be encoded together, as soon as the process reads.
        write(Buffer.from(piece));
        await pace.rest();
      }
      write('\n');
      waitingChars -= line.length;
    }
    isRunning = false;
  };

  return {
    send(line) {
      if ((stream?.writableLength ?? 0) + waitingChars > MAX_UNREAD_BYTES) return false;
      if (!isRunning && line.length <= PIECE_CHARS) write(`${line}\n`);
      else {
        lines.push(line);
        waitingChars += line.length;
        if (!isRunning) void run();
      }
      return true;
    },
  };
};
