import { spawn } from 'node:child_process';
import { once } from 'node:events';

export type Ran = { code: number | null; output: string };

/** Runs a program to its end and gives what it said. */
export const run = async (
  file: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Ran> => {
  const child = spawn(file, args, {
    ...options,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const [code] = await once(child, 'close');
  return { code, output };
};

/** The same, and a failure is an error that says why. */
export const mustRun = async (...call: Parameters<typeof run>): Promise<string> => {
  const { code, output } = await run(...call).catch((error: unknown) => ({
    code: -1,
    output: String(error),
  }));
  if (code === 0) return output;
  throw new Error(`${call[0]} ${call[1].join(' ')} ended with ${code}:\n${output.slice(-4000)}`);
};

export const isInstalled = async (file: string): Promise<boolean> =>
  (await run(file, ['--version']).catch(() => null))?.code === 0;
