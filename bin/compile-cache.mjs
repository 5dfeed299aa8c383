import { lstatSync, mkdirSync, realpathSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';

// Plain JavaScript: a TypeScript file would load the type stripper first, whose 70 ms the cache is there to save.

const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;

/** Every folder above, up to the root. */
const above = (path) => {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...above(parent)];
};

/** Whether nobody but the user and root can put another file in the place of this one. */
const isSafeAbove = (path, uid) => {
  const stats = lstatSync(path);
  if (stats.uid !== uid && stats.uid !== 0) return false;
  if (stats.isSymbolicLink()) return true;
  return (stats.mode & WRITABLE_BY_OTHERS) === 0 || (stats.mode & STICKY) !== 0;
};

/** Whether the folder is the user's own and nobody else can write to it: what lies in the cache is run as it is. */
const isOwn = (folder, uid) => {
  try {
    const stats = lstatSync(folder);
    if (!stats.isDirectory() || stats.uid !== uid || (stats.mode & WRITABLE_BY_OTHERS) !== 0) return false;
    return [...above(folder), ...above(realpathSync(folder))].every((path) => isSafeAbove(path, uid));
  } catch {
    return false;
  }
};

/** One level alone: Node's recursive ways to make a folder never return below /proc. */
const make = (folder) => {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
};

const makeFolder = ({ XDG_CACHE_HOME: home = '' }) => {
  const base = isAbsolute(home) ? home : join(homedir(), '.cache');
  const folders = [base, join(base, 'throughline'), join(base, 'throughline', 'node')];
  for (const folder of folders) make(folder);
  return folders.at(-1);
};

const makeOwn = (env, uid) => {
  try {
    const folder = makeFolder(env);
    return isOwn(folder, uid) ? folder : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Has Node keep what it compiles in a folder of the user's own, below `XDG_CACHE_HOME` or `~/.cache`; nowhere, where there is no
 * folder that nobody else can write to. `NODE_COMPILE_CACHE`, which Node itself has obeyed by now, is checked in the same way.
 *
 * @returns what is wrong with `NODE_COMPILE_CACHE`, in one line; undefined where nothing is
 */
export const openCompileCache = (env = process.env, uid = process.geteuid?.()) => {
  if (env.NODE_DISABLE_COMPILE_CACHE !== undefined || uid === undefined) return undefined;
  const given = env.NODE_COMPILE_CACHE;
  if (given) {
    if (isOwn(resolve(given), uid)) return undefined;
    return `NODE_COMPILE_CACHE=${given} is not valid: a folder of this user's own that nobody else can write to or replace`;
  }
  const folder = makeOwn(env, uid);
  if (folder) nodeModule.enableCompileCache?.(folder);
  return undefined;
};
