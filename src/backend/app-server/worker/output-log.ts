import type { Readable } from 'node:stream';

/** One piece of what a process wrote: how much, where and when. Its text may hold what nobody may see, and is not kept. */
export interface OutputNote {
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: number;
  /** ISO 8601. */
  readonly time: string;
}

/** What a process wrote, as counts. */
export interface OutputLog {
  watch(stream: OutputNote['stream'], source: Readable): void;
  readonly stderr: { readonly lines: number; readonly bytes: number };
  /** The last pieces, oldest first. */
  readonly last: readonly OutputNote[];
}

const KEPT = 16;
const NEWLINE = 0x0a;

const countNewlines = (chunk: Buffer): number => {
  let lines = 0;
  for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) lines++;
  return lines;
};

export const createOutputLog = (now: () => Date = () => new Date()): OutputLog => {
  const last: { stream: OutputNote['stream']; bytes: number; at: Date }[] = [];
  const stderr = { lines: 0, bytes: 0 };
  return {
    watch(stream, source) {
      source.on('data', (chunk: Buffer) => {
        last.push({ stream, bytes: chunk.length, at: now() });
        if (last.length > KEPT) last.shift();
        if (stream === 'stdout') return;
        stderr.bytes += chunk.length;
        stderr.lines += countNewlines(chunk);
      });
    },
    stderr,
    get last() {
      return last.map(({ stream, bytes, at }) => ({ stream, bytes, time: at.toISOString() }));
    },
  };
};
