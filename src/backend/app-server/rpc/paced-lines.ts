import { createFifo } from '../../../fifo.ts';
import { isTooMuchToParse } from '../../../json-values.ts';
import type { Pace } from '../../../pace.ts';

/** Hands lines on one by one and lets others have the event loop between them: a backend may write thousands at once. */
export interface PacedLines {
  push(line: string): void;
  /** Characters that wait. */
  readonly waitingChars: number;
}

interface PacedLinesOptions {
  readonly pace: Pace;
  onLine(line: string): void;
  /** A long line has too many values to be parsed in one step. */
  onTooMany(line: string): void;
  /** Lines wait: no more should come until `onEmpty`. */
  onWaiting(): void;
  onEmpty(): void;
}

/** Lines from this length on are parsed in a turn of the event loop of their own. */
const LARGE_CHARS = 256 * 1024;

export const createPacedLines = ({
  pace,
  onLine,
  onTooMany,
  onWaiting,
  onEmpty,
}: PacedLinesOptions): PacedLines => {
  const lines = createFifo<string>();
  let waitingChars = 0;
  let isWaiting = false;

  const handOnLong = async (line: string): Promise<void> => {
    const isTooMany = await isTooMuchToParse(line, pace);
    await pace.turn();
    if (isTooMany) onTooMany(line);
    else onLine(line);
  };

  /** Waits, then hands on what has come meanwhile. */
  const wait = async (rest: Promise<void> | null): Promise<void> => {
    isWaiting = true;
    onWaiting();
    await rest;
    for (let line = lines.take(); line !== undefined; line = lines.take()) {
      if (line.length > LARGE_CHARS) await handOnLong(line);
      else onLine(line);
      waitingChars -= line.length;
      await pace.rest();
    }
    isWaiting = false;
    onEmpty();
  };

  return {
    push(line) {
      if (!isWaiting && line.length <= LARGE_CHARS) {
        onLine(line);
        const rest = pace.rest();
        if (rest !== null) void wait(rest);
        return;
      }
      lines.push(line);
      waitingChars += line.length;
      if (!isWaiting) void wait(null);
    },
    get waitingChars() {
      return waitingChars;
    },
  };
};
