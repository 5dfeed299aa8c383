import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installVenv, venvOf } from '../support/python-venv.ts';
import { type Client, FOLDER } from './clients.ts';

const execute = promisify(execFile);

/** Python's packages are kept from run to run, outside of the checkout. */
const CACHE = process.env['THROUGHLINE_CLIENTS_CACHE'] ?? join(homedir(), '.cache', 'throughline-clients');

/** What a client's program is started with. */
export type Program = { command: string; args: readonly string[]; env: Readonly<Record<string, string>> };

/** Installs what the client pins, unless that is there already. */
export const install = async (client: Client): Promise<Program> =>
  client.language === 'JS' ? installJs(client) : installPython(client);

/** A file in `node_modules` names the lockfile that it was made from, so that a second run does not install again. */
const installJs = async ({ folder }: Client): Promise<Program> => {
  const cwd = join(FOLDER, folder);
  const mark = join(cwd, 'node_modules', '.installed');
  const lock = await digestOf(join(cwd, 'package-lock.json'));
  if ((await readFile(mark, 'utf8').catch(() => '')) !== lock) {
    await execute('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd });
    await writeFile(mark, lock);
  }
  return { command: process.execPath, args: [join(cwd, 'main.mjs')], env: {} };
};

const installPython = async ({ folder }: Client): Promise<Program> => {
  const requirements = join(FOLDER, folder, 'requirements.txt');
  const command = await installVenv(venvOf(CACHE, folder, requirements), requirements);
  // LiteLLM would fetch its list of prices from the network.
  const env = { PYTHONPATH: FOLDER, PYTHONDONTWRITEBYTECODE: '1', LITELLM_LOCAL_MODEL_COST_MAP: 'True' };
  return { command, args: [join(FOLDER, folder, 'main.py')], env };
};

const digestOf = async (path: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
