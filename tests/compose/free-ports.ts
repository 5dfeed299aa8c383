/** Prints an `export NAME=port` for each port that docker-compose.yml publishes, with ports that are free here. */
import { readFile } from 'node:fs/promises';
import { freePorts } from '../stack/support/ports.ts';

const compose = await readFile(new URL('../../docker-compose.yml', import.meta.url), 'utf8');
const names = [...compose.matchAll(/127\.0\.0\.1:\$\{(\w+):-\d+\}/g)].map(([, name]) => name);
const { ports, release } = await freePorts(names.length);
await release();
process.stdout.write(names.map((name, index) => `export ${name}=${ports[index]}\n`).join(''));
