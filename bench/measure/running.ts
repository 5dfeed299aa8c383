import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Child, Children } from '../children.ts';
import { readRss } from '../machine/proc-stat.ts';
import { MODEL_ROW, ROWS, type Row, type Surroundings } from '../rows.ts';

/** A row whose process runs. */
export interface Running {
  readonly row: Row;
  readonly child: Child;
  readonly model: string;
  readonly rssReady: number;
}

/** What all rows share. */
export interface Shared {
  readonly model: Child;
  readonly sink: Child;
}

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return typeof address === 'object' && address ? address.port : 0;
};

const SINK = new URL('../servers/sink.ts', import.meta.url).pathname;

export const startShared = async (children: Children): Promise<Shared> => {
  const row = ROWS.find(({ name }) => name === MODEL_ROW);
  if (!row) throw new Error('there is no model server');
  const nowhere: Surroundings = { model: '', sink: '', port: 0, folder: '' };
  const model = await children.start(row.start(nowhere));
  const sink = await children.start({ command: [process.execPath, SINK], env: {}, port: null });
  return { model, sink };
};

export const startRow = async (children: Children, shared: Shared, row: Row): Promise<Running> => {
  const model = shared.model.url;
  const start = async (): Promise<Child> => {
    const folder = await mkdtemp(join(tmpdir(), 'throughline-bench-'));
    const surroundings = { model, sink: shared.sink.url, port: await freePort(), folder };
    return children.start(row.start(surroundings), folder);
  };
  const child = row.name === MODEL_ROW ? shared.model : await start();
  return { row, child, model, rssReady: await readRss(child.pid) };
};
