import type { Readable, Writable } from 'node:stream';
import { createLineSplitter, ofTexts } from '../../line-splitter.ts';
import type { ClientOutput } from '../rpc/client.ts';
import type { Server } from '../server.ts';

/** A whole conversation with images fits; more than this in one line is a client gone wrong. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

const DONE = Promise.resolve();

/** Lines that wait for the end of a turn of the event loop are written before it where there are more than this. */
const MAX_WAITING_CHARS = 64 * 1024;

/** Lines to a stream. */
export interface LineOutput extends ClientOutput {
  /** Writes what waits for the end of this turn of the event loop: for a process that ends in it. */
  readonly flush: () => void;
}

/**
 * Lines to `stream`, those of one turn of the event loop in one write: a call of the system for each word is most of what a word costs. While
 * its reader is slow, `ready` holds those back who would write more.
 */
export const createLineOutput = (stream: Writable): LineOutput => {
  let blocked: Promise<void> | undefined;
  let gone = false;
  let waiting = '';
  stream.on('error', () => {
    gone = true; // The reader has left: the end of stdin follows and stops the process.
  });
  const untilDrained = () =>
    new Promise<void>((resolve) => {
      const done = () => {
        stream.off('drain', done);
        stream.off('close', done);
        stream.off('error', done);
        blocked = undefined;
        resolve();
      };
      stream.on('drain', done);
      stream.on('close', done);
      stream.on('error', done);
    });
  const flush = () => {
    const lines = waiting;
    waiting = '';
    if (lines !== '' && !gone && !stream.write(lines)) blocked ??= untilDrained();
  };
  return {
    write(message) {
      if (waiting === '') setImmediate(flush);
      waiting += `${message}\n`;
      if (waiting.length > MAX_WAITING_CHARS) flush();
    },
    ready: () => blocked ?? DONE,
    flush,
  };
};

/** Serves one client over a pair of pipes; resolves when it has closed its end. */
export const serveStdio = async (server: Server, input: Readable, output: ClientOutput): Promise<void> => {
  const connection = server.connect('stdio', output);
  const splitter = createLineSplitter({
    maxBytes: MAX_LINE_BYTES,
    onLine: ofTexts(connection.receive),
    onTooLong: () => connection.refuse('the line is too long'),
  });
  try {
    for await (const chunk of input) {
      splitter.push(chunk as Buffer);
      // A client that does not read its answers is not read either.
      await output.ready();
    }
  } finally {
    connection.close();
  }
};
