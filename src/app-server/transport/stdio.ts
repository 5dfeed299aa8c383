import type { Readable, Writable } from 'node:stream';
import { createLineSplitter, ofTexts } from '../../line-splitter.ts';
import type { ClientOutput } from '../rpc/client.ts';
import type { Server } from '../server.ts';

/** A whole conversation with images fits; more than this in one line is a client gone wrong. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/** Lines to `stream`. While its reader is slow, `ready` holds those back who would write more. */
export const createLineOutput = (stream: Writable): ClientOutput => {
  let blocked: Promise<void> | undefined;
  let gone = false;
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
  return {
    write(message) {
      if (!gone && !stream.write(`${message}\n`)) blocked ??= untilDrained();
    },
    ready: () => blocked ?? Promise.resolve(),
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
