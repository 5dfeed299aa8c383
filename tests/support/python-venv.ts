import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

const PIP = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--only-binary', ':all:'];

/** Where the packages that a file pins are kept: `name`, and a digest of the file. */
export const venvOf = (cache: string, name: string, requirements: string): string => {
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  return join(cache, `${name}-${digest.slice(0, 16)}`);
};

export const pythonOf = (venv: string): string => join(venv, 'bin', 'python');

/** Installs what a file pins, with hashes, unless it is there already. Gives the Python that has it. */
export const installVenv = async (
  venv: string,
  requirements: string,
  { resolve = true }: { resolve?: boolean } = {},
): Promise<string> => {
  const mark = join(venv, 'installed');
  const python = pythonOf(venv);
  if (existsSync(mark)) return python;
  await mkdir(dirname(venv), { recursive: true });
  await rm(venv, { recursive: true, force: true });
  await execute('python3', ['-m', 'venv', venv]);
  const more = resolve ? [] : ['--no-deps'];
  await execute(python, [...PIP, ...more, '--require-hashes', '-r', requirements]);
  await writeFile(mark, '');
  return python;
};
