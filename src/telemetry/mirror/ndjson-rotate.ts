import { basename, dirname } from 'node:path';
import { codeOf, type FileIdentity, isMissing, type NdjsonFs } from './ndjson-fs.ts';

/** A process that died while it rotated left its lock; nobody needs longer than this. */
const STALE_LOCK_MS = 10_000;

const ignoreMissing = (error: unknown): void => {
  if (!isMissing(error)) throw error;
};

/** Whether a file is another one than it was, or gone. */
export const isOther = (file: FileIdentity, other: FileIdentity): boolean =>
  file.ino !== other.ino || file.dev !== other.dev;

/** Removes `path.<first>` and all that are older. */
export const removeOldFiles = async (fs: NdjsonFs, path: string, first: number): Promise<void> => {
  const prefix = `${basename(path)}.`;
  for (const name of await fs.readdir(dirname(path))) {
    const number = name.startsWith(prefix) ? name.slice(prefix.length) : '';
    if (/^[1-9]\d*$/.test(number) && Number(number) >= first)
      await fs.rm(`${path}.${number}`, { force: true });
  }
};

const shift = async (fs: NdjsonFs, path: string, maxFiles: number): Promise<void> => {
  await removeOldFiles(fs, path, Math.max(1, maxFiles - 1));
  if (maxFiles === 1) return fs.rm(path, { force: true });
  for (let number = maxFiles - 2; number >= 1; number--) {
    await fs.rename(`${path}.${number}`, `${path}.${number + 1}`).catch(ignoreMissing);
  }
  await fs.rename(path, `${path}.1`).catch(ignoreMissing);
};

/**
 * A directory is the lock: making one either works or not, for all processes on all file systems. Where none can be made
 * (a full disk), rotation goes on without it, since removing the oldest file is what makes room.
 */
const lock = async (fs: NdjsonFs, path: string): Promise<boolean> => {
  try {
    await fs.mkdir(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    if (codeOf(error) !== 'EEXIST') return true;
  }
  const held = await fs.stat(path).catch(() => undefined);
  if (held && Date.now() - held.mtimeMs > STALE_LOCK_MS) await unlock(fs, path);
  return false;
};

const unlock = (fs: NdjsonFs, path: string): Promise<void> => fs.rmdir(path).catch(() => undefined);

/**
 * Renames `path` to `path.1`, that to `path.2` and so on, and removes the oldest. When another process has done so
 * already, nothing is moved; false when one is doing so right now. In each other case `path` is to be opened again.
 */
export const rotate = async (
  fs: NdjsonFs,
  path: string,
  maxFiles: number,
  current: FileIdentity,
): Promise<boolean> => {
  const lockPath = `${path}.lock`;
  if (!(await lock(fs, lockPath))) return false;
  try {
    const named = await fs.stat(path).catch(ignoreMissing);
    if (named && !isOther(named, current)) await shift(fs, path, maxFiles);
    return true;
  } finally {
    await unlock(fs, lockPath);
  }
};
