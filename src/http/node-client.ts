import type { ServerResponse } from 'node:http';
import type { Client } from '../gateway/ports.ts';

/** The client's end of a request, over Node's response. `signal` aborts when the client has left. */
export const createNodeClient = (response: ServerResponse, method: string, signal: AbortSignal): Client => {
  let bytesWritten = 0;

  const drained = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const onDrain = (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = (): void => {
        response.off('drain', onDrain);
        reject(signal.reason);
      };
      response.once('drain', onDrain);
      signal.addEventListener('abort', onAbort, { once: true });
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
      if (!response.write(chunk)) await drained();
    },
    end: () =>
      new Promise((resolve) => {
        if (response.destroyed) return resolve(response.writableFinished);
        response.once('close', () => resolve(response.writableFinished));
        response.end(() => resolve(true));
      }),
  };
};
