import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createWaiters } from './wait-until.ts';

/** A client's end over a socket: what it has got so far, and a way to wait for more. */
export type HttpWire = {
  socket: Socket;
  got(): string;
  /** Resolves once `text` has come; rejects where it does not. */
  until(text: string): Promise<unknown>;
  /** Resolves with all that came, once the connection is closed. */
  closed(): Promise<string>;
};

export const openHttpWire = (port: number, bytes = ''): HttpWire => {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  const waiters = createWaiters();
  let got = '';
  let isClosed = false;
  socket.setEncoding('latin1').on('data', (piece) => {
    got += piece;
    waiters.notify();
  });
  socket.on('close', () => {
    isClosed = true;
    waiters.notify();
  });
  socket.write(bytes);
  const waitFor = (find: () => boolean) => waiters.until(find, () => `the end of: ${got.slice(-300)}`);
  return {
    socket,
    got: () => got,
    until: (text) => waitFor(() => got.includes(text)),
    closed: async () => {
      await waitFor(() => isClosed);
      return got;
    },
  };
};

/** The port of a server that now listens on loopback. */
export const listenAnywhere = async (server: Server): Promise<number> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};
