/** Prints an `export NAME=port` for each port that docker-compose.yml publishes, with ports that are free here. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';

const compose = await readFile(new URL('../../docker-compose.yml', import.meta.url), 'utf8');
const names = [...compose.matchAll(/127\.0\.0\.1:\$\{(\w+):-\d+\}/g)].map(([, name]) => name);

// All are held until the last is found, so that none is found twice.
const servers = await Promise.all(
  names.map(async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  }),
);
const ports = servers.map((server) => (server.address() as AddressInfo).port);
for (const server of servers) server.close();
process.stdout.write(names.map((name, index) => `export ${name}=${ports[index]}\n`).join(''));
