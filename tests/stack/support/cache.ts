import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The programs that are built from Go modules, and where each is kept: outside of the tree, so that clones share them. */
export const RECIPES = fileURLToPath(new URL('../build/', import.meta.url));

/** Outside of the tree. */
export const CACHE = process.env['THROUGHLINE_STACK_CACHE'] || join(homedir(), '.cache', 'throughline-stack');

/** Another way to build them is another program: raise this. */
const RECIPE_VERSION = '1';

export type Built = 'collector' | 'jaeger';

const INPUTS: Readonly<Record<Built, string>> = {
  collector: 'collector/builder.yaml',
  jaeger: 'jaeger/go.mod',
};

/** A folder whose name changes with whatever the program is made of. */
export const folderOf = (name: Built): string => {
  const inputs = createHash('sha256')
    .update([RECIPE_VERSION, process.platform, process.arch].join('\n'))
    .update(readFileSync(join(RECIPES, INPUTS[name])))
    .digest('hex');
  return join(CACHE, `${name}-${inputs.slice(0, 12)}`);
};

export const binaryOf = (name: Built): string => join(folderOf(name), name);

export const isBuilt = (name: Built): boolean => existsSync(binaryOf(name));
