import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Client } from '../gateway/ports.ts';

/** The client's end where Node gives us no response object: its parser refused the request. `bodiless`: it was a HEAD. */
export const createSocketClient = (
  socket: Socket,
  { reqId, traceId }: { readonly reqId: string; readonly traceId: string },
  bodiless: boolean,
): Client => {
  let headSent = false;
  let bytesWritten = 0;
  return {
    bodiless,
    get headSent() {
      return headSent;
    },
    get headOut() {
      return headSent;
    },
    get bytesWritten() {
      return bytesWritten;
    },
    head(status, headers) {
      headSent = true;
      const ids = { 'x-request-id': reqId, 'x-trace-id': traceId };
      const fields = Object.entries({ ...headers, ...ids, date: new Date().toUTCString() });
      const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
      socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines}\r\n`);
    },
    write(chunk) {
      bytesWritten += Buffer.byteLength(chunk);
      socket.write(chunk);
      return null;
    },
    end: () =>
      new Promise((resolve) => {
        if (socket.destroyed) return resolve(false);
        socket.once('close', () => resolve(false));
        socket.end(() => resolve(true));
      }),
    destroy: () => void socket.destroy(),
  };
};
