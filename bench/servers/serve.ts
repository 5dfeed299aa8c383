import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const HOST = '127.0.0.1';

/** Listens on any free port of loopback, and says where in one line on stdout. */
export const serveOnLoopback = (server: Server): void => {
  server.listen(0, HOST, () => {
    const { port } = server.address() as AddressInfo;
    process.stdout.write(`ready on http://${HOST}:${port}\n`);
  });
};

/** The server behind this one, without a path. */
export const upstreamUrl = (): string => {
  const url = process.env['BENCH_UPSTREAM'];
  if (!url) throw new Error('BENCH_UPSTREAM is not set');
  return url;
};
