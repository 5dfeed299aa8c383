import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { venvOf } from '../../support/python-venv.ts';

/** Outside of the tree, so that clones share it. */
const CACHE = process.env['THROUGHLINE_LLAMA_CACHE'] || join(homedir(), '.cache', 'throughline-llama');

export const REQUIREMENTS = fileURLToPath(new URL('../requirements.txt', import.meta.url));
export const PROGRAM = fileURLToPath(new URL('../server.py', import.meta.url));

/** Changes with what is pinned. */
export const VENV = venvOf(CACHE, 'server', REQUIREMENTS);
