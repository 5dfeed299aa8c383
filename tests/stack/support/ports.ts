import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/** Ports that are ours until `release`: something listens on each, and hangs up on whoever comes. */
export type HeldPorts = {
  ports: readonly number[];
  /** Gives up these, or all of them, for whom they were found; call it just before that one starts. */
  release(...ports: number[]): Promise<void>;
};

/** Below the ports that systems give to outgoing connections, so that one of those does not take a port between its release and its use. */
const [FIRST, LAST] = [20_000, 32_000];

const listen = (port: number): Promise<Server | null> =>
  new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    // One that is forgotten keeps no test from ending.
    server.unref();
    server.once('error', () => resolve(null)).listen(port, '127.0.0.1', () => resolve(server));
  });

const holdOne = async (): Promise<readonly [number, Server]> => {
  for (;;) {
    const port = randomInt(FIRST, LAST);
    const server = await listen(port);
    if (server) return [port, server];
  }
};

/** As many free ports as asked for, all of them held until they are released: no two are the same, and nobody else gets one. */
export const freePorts = async (count: number): Promise<HeldPorts> => {
  const held = new Map(await Promise.all(Array.from({ length: count }, holdOne)));
  const close = (port: number): Promise<void> =>
    new Promise((resolve) => {
      const server = held.get(port);
      held.delete(port);
      if (server) server.close(() => resolve());
      else resolve();
    });
  return {
    ports: [...held.keys()],
    async release(...ports) {
      await Promise.all((ports.length > 0 ? ports : [...held.keys()]).map(close));
    },
  };
};
