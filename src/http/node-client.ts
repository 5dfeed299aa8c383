import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Client } from '../gateway/ports.ts';

/** How long a request that is over waits for its client to take the last bytes. */
const LAST_BYTES_MS = 1_000;

/** Calls back at the abort, or at once when that has been. Gives the way to take it back. */
const onceAborted = (signal: AbortSignal, callback: () => void): (() => void) => {
  if (signal.aborted) callback();
  else signal.addEventListener('abort', callback, { once: true });
  return () => signal.removeEventListener('abort', callback);
};

/** The client's end of a request, over Node's response. `signal` aborts when the client has left. */
export const createNodeClient = (response: ServerResponse, method: string, signal: AbortSignal): Client => {
  let bytesWritten = 0;

  const drained = (): Promise<unknown> =>
    once(response, 'drain', { signal }).catch(() => {
      throw signal.reason;
    });

  return {
    bodiless: method === 'HEAD',
    get headSent() {
      return response.headersSent;
    },
    get bytesWritten() {
      return bytesWritten;
    },
    head(status, headers) {
      if (response.destroyed || response.headersSent) return;
      response.writeHead(status, { ...headers });
      response.flushHeaders();
    },
    async write(chunk) {
      if (response.destroyed) signal.throwIfAborted();
      bytesWritten += Buffer.byteLength(chunk);
      const hasRoom = response.write(chunk);
      // The last words of a request whose time is over wait for nobody: `end` gives them a moment.
      if (!hasRoom && !signal.aborted) await drained();
    },
    end: () =>
      new Promise((resolve) => {
        if (response.destroyed) return resolve(response.writableFinished);
        let timer: NodeJS.Timeout | undefined;
        const stopWaiting = onceAborted(signal, () => {
          timer = setTimeout(() => response.destroy(), LAST_BYTES_MS);
        });
        response.once('close', () => {
          stopWaiting();
          clearTimeout(timer);
          resolve(response.writableFinished);
        });
        response.end();
      }),
  };
};
