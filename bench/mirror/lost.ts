import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createLostLineFinder } from '../../src/timeline/lost-lines.ts';

/** What a mirror says of itself. */
export interface MirrorCount {
  /** Lines in the files that are still there. */
  readonly lines: number;
  /** Numbers that are missing between two lines. */
  readonly lost: number;
  /** `trace_error` lines: the gateway itself says that something was lost. */
  readonly errors: number;
}

const ERROR = '"kind":"trace_error"';
const NEWLINE = 10;
/** The name of a line's kind is in its head. */
const HEAD_BYTES = 600;

const createCounter = () => {
  const finder = createLostLineFinder();
  let lines = 0;
  let errors = 0;
  return {
    line(bytes: Buffer): void {
      lines++;
      finder.line(bytes);
      if (bytes.subarray(0, HEAD_BYTES).includes(ERROR)) errors++;
    },
    result: (): MirrorCount => ({
      lines,
      errors,
      lost: finder.found.reduce((sum, { count }) => sum + count, 0),
    }),
  };
};

const eachLine = async (path: string, take: (bytes: Buffer) => void): Promise<void> => {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk as Buffer]) : (chunk as Buffer);
    let begin = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, begin)) {
      take(bytes.subarray(begin, end));
      begin = end + 1;
    }
    rest = bytes.subarray(begin);
  }
};

/** The files of a mirror, oldest first: `FILE.2`, `FILE.1`, `FILE`. */
const filesOf = async (path: string): Promise<string[]> => {
  const prefix = `${basename(path)}.`;
  const numbers = (await readdir(dirname(path)))
    .filter((name) => name.startsWith(prefix))
    .map((name) => Number(name.slice(prefix.length)))
    .filter(Number.isInteger)
    .sort((a, b) => b - a);
  return [...numbers.map((number) => `${path}.${number}`), path].map((name) => join(name));
};

/** Counts the lines of a mirror that is not written to meanwhile. */
export const countMirror = async (path: string): Promise<MirrorCount> => {
  const counter = createCounter();
  for (const file of await filesOf(path)) await eachLine(file, counter.line);
  return counter.result();
};
