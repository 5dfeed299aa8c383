import { watch } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createWaiters } from '../wait-until.ts';

const PROBE = fileURLToPath(new URL('../../fixtures/probe.mjs', import.meta.url));

type Memory = { rss: number; heapUsed: number; heapTotal: number; external: number; arrayBuffers: number };

/** What a gateway's process holds. Bytes; delays of its event loop since the last look, in milliseconds. */
export type Held = {
  before: Memory;
  /** The same after a collection of garbage. */
  after: Memory;
  /** Timers, sockets, pipes, child processes …, by Node's names for them. */
  resources: Record<string, number>;
  delay: { p50: number; p99: number; max: number };
  /** Warnings of Node's, such as of too many listeners, since the start. */
  warnings: number;
  descriptors: number;
};

export type Probe = {
  /** For the environment of the gateway. */
  readonly env: Record<string, string>;
  look(pid: number): Promise<Held>;
};

const linesOf = async (path: string): Promise<string[]> =>
  (await readFile(path, 'utf8').catch(() => '')).split('\n').slice(0, -1);

/** Looks into a gateway's process. `directory` takes its notes. */
export const createProbe = (directory: string): Probe => {
  const path = join(directory, 'probe.ndjson');
  return {
    env: { NODE_OPTIONS: `--import=${PROBE}`, PROBE_FILE: path },
    async look(pid) {
      const known = (await linesOf(path)).length;
      const waiters = createWaiters();
      let lines: string[] = [];
      const watcher = watch(directory, async () => {
        lines = await linesOf(path);
        waiters.notify();
      });
      try {
        process.kill(pid, 'SIGUSR2');
        const line = await waiters.until(
          () => lines[known],
          () => 'an answer of the probe',
        );
        const descriptors = (await readdir(`/proc/${pid}/fd`)).length;
        return { ...(JSON.parse(line) as Omit<Held, 'descriptors'>), descriptors };
      } finally {
        watcher.close();
      }
    },
  };
};
