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
  let isRunning = false;

  const run = async (): Promise<void> => {
    isRunning = true;
    let hasWaited = false;
    const wait = <T>(promise: Promise<T>): Promise<T> => {
      if (!hasWaited) onWaiting();
      hasWaited = true;
      return promise;
    };
    const handOn = async (line: string): Promise<void> => {
      const isTooMany = await wait(isTooMuchToParse(line, pace));
      await wait(pace.turn());
      if (isTooMany) onTooMany(line);
      else onLine(line);
    };
    for (let line = lines.take(); line !== undefined; line = lines.take()) {
      if (line.length > LARGE_CHARS) await handOn(line);
      else onLine(line);
      waitingChars -= line.length;
      const rest = pace.rest();
      if (rest !== null) await wait(rest);
    }
    isRunning = false;
    if (hasWaited) onEmpty();
  };

  return {
    push(line) {
      lines.push(line);
      waitingChars += line.length;
      if (!isRunning) void run();
    },
    get waitingChars() {
      return waitingChars;
    },
  };
};
