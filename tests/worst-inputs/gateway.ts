import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { cleanEnv } from '../support/gateway.ts';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export type Measured = { readonly holdMs: number; readonly cpuMs: number };

/** A gateway with the probe in it, and the backend of this folder behind it. */
export type MeasuredGateway = {
  readonly url: string;
  /** What there was since the last call. */
  measure(): Promise<Measured>;
  remove(): Promise<void>;
};

const urlOf = async (child: ChildProcess): Promise<string> => {
  if (!child.stdout) throw new Error('the gateway has no stdout');
  for await (const line of createInterface({ input: child.stdout })) {
    const { msg = '', url } = JSON.parse(line) as { msg?: string; url?: string };
    if (msg.startsWith('ready on ') && url) {
      child.stdout.resume();
      return url;
    }
  }
  throw new Error('the gateway did not start');
};

export const startMeasuredGateway = async (): Promise<MeasuredGateway> => {
  const cwd = await mkdtemp(join(tmpdir(), 'throughline-worst-'));
  const child = spawn(
    process.execPath,
    ['--import', here('probe.ts'), here('../../bin/throughline.mjs'), 'serve'],
    {
      cwd,
      env: { ...cleanEnv(), PORT: '0', PROXY_APP_SERVER_CMD: `${process.execPath} ${here('backend.ts')}` },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    },
  );
  const exited = once(child, 'exit');
  const url = await urlOf(child);
  return {
    url,
    async measure() {
      const answer = once(child, 'message');
      child.send('read');
      const [measured] = await answer;
      return measured as Measured;
    },
    async remove() {
      child.kill('SIGTERM');
      await exited;
      await rm(cwd, { recursive: true, force: true });
    },
  };
};
