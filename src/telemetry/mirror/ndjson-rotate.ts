import { mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { WallTimers } from '../../later.ts';
import { toError } from '../outage.ts';

/** What is asked of an open file. */
export interface NdjsonHandle {
  write(buffer: Uint8Array, offset: number, length: number): Promise<{ bytesWritten: number }>;
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
  stat(): Promise<FileIdentity>;
  truncate(length: number): Promise<void>;
  chmod(mode: number): Promise<void>;
  close(): Promise<void>;
}

/** What tells one file from another that has taken its name. */
export interface FileIdentity {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly mode: number;
  isFile(): boolean;
}

/** The file system, as far as NDJSON files need it: a test hands in one that fails. All of it is asynchronous. */
export interface NdjsonFs {
  mkdir(path: string, options?: { recursive: boolean; mode: number }): Promise<unknown>;
  open(path: string, flags: string, mode: number): Promise<NdjsonHandle>;
  readdir(path: string): Promise<string[]>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { force: boolean }): Promise<void>;
  rmdir(path: string): Promise<void>;
  stat(path: string): Promise<FileIdentity>;
}

export const nodeFs: NdjsonFs = { mkdir, open, readdir, rename, rm, rmdir, stat };

/** The system's name of a failure: `ENOENT`, `EEXIST`. */
const codeOf = (error: unknown): unknown => (toError(error) as NodeJS.ErrnoException).code;

export const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT';

/** A process that died while it rotated left its lock; nobody needs longer than this. */
const STALE_LOCK_MS = 10_000;

const ignoreMissing = (error: unknown): void => {
  if (!isMissing(error)) throw error;
};

/** Whether a file is another one than it was, or gone. */
export const isOther = (file: FileIdentity, other: FileIdentity): boolean =>
  file.ino !== other.ino || file.dev !== other.dev;

/** The numbers of the rotated files that there are, lowest first. */
const rotatedNumbers = async (fs: NdjsonFs, path: string): Promise<number[]> => {
  const prefix = `${basename(path)}.`;
  const names = await fs.readdir(dirname(path));
  return names
    .filter((name) => name.startsWith(prefix) && /^[1-9]\d*$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)))
    .sort((a, b) => a - b);
};

/** Removes `path.<first>` and all that are older. */
export const removeOldFiles = async (fs: NdjsonFs, path: string, first: number): Promise<void> => {
  if (first === Number.POSITIVE_INFINITY) return;
  for (const number of await rotatedNumbers(fs, path))
    if (number >= first) await fs.rm(`${path}.${number}`, { force: true });
};

/** Never onto a file that is there: a process that was stopped for long in the middle of this must not overwrite one of another's. */
const moveTo = async (fs: NdjsonFs, from: string, to: string): Promise<void> => {
  if (await fs.stat(to).catch(ignoreMissing)) throw new Error(`${to} is there already`);
  await fs.rename(from, to).catch(ignoreMissing);
};

/** Moves each file one number up, as far as the first number that is free. */
const shift = async (fs: NdjsonFs, path: string, maxFiles: number): Promise<void> => {
  await removeOldFiles(fs, path, Math.max(1, maxFiles - 1));
  if (maxFiles === 1) return fs.rm(path, { force: true });
  const taken = new Set(await rotatedNumbers(fs, path));
  let free = 1;
  while (taken.has(free)) free++;
  for (let number = free; number > 1; number--)
    await moveTo(fs, `${path}.${number - 1}`, `${path}.${number}`);
  await moveTo(fs, path, `${path}.1`);
};

/**
 * A directory is the lock: making one either works or not, for all processes on all file systems. Where none can be made (a full disk),
 * rotation goes on without it if it removes the oldest file, since that is what makes room; one that removes nothing can wait.
 */
const lock = async (fs: NdjsonFs, path: string, makesRoom: boolean): Promise<boolean> => {
  try {
    await fs.mkdir(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    if (codeOf(error) !== 'EEXIST') return makesRoom;
  }
  const held = await fs.stat(path).catch(() => undefined);
  if (held && Date.now() - held.mtimeMs > STALE_LOCK_MS) await unlock(fs, path);
  return false;
};

const lockOf = (path: string): string => `${path}.lock`;

const unlock = (fs: NdjsonFs, path: string): Promise<void> => fs.rmdir(path).catch(() => undefined);

/**
 * Renames `path` to `path.1`, that to `path.2` and so on, and removes the oldest beyond `maxFiles`. When another process has done so
 * already, nothing is moved; false when one is doing so right now. In each other case `path` is to be opened again.
 */
export const rotate = async (
  fs: NdjsonFs,
  path: string,
  maxFiles: number,
  current: FileIdentity,
): Promise<boolean> => {
  const lockPath = lockOf(path);
  if (!(await lock(fs, lockPath, maxFiles !== Number.POSITIVE_INFINITY))) return false;
  try {
    const named = await fs.stat(path).catch(ignoreMissing);
    if (named && !isOther(named, current)) await shift(fs, path, maxFiles);
    return true;
  } finally {
    await unlock(fs, lockPath);
  }
};

/**
 * Removes the rotated files to which nothing was written since `beforeMs` (wall clock), and puts the current one among the rotated where
 * the same goes for it: the next call removes that one, when no process can be about to write to it any more.
 *
 * @returns how many were removed
 */
const removeFilesBefore = async (
  fs: NdjsonFs,
  path: string,
  maxFiles: number,
  beforeMs: number,
): Promise<number> => {
  const lockPath = lockOf(path);
  if (!(await lock(fs, lockPath, false))) return 0;
  try {
    let removed = 0;
    for (const number of await rotatedNumbers(fs, path)) {
      const file = await fs.stat(`${path}.${number}`).catch(ignoreMissing);
      if (!file || file.mtimeMs >= beforeMs) continue;
      await fs.rm(`${path}.${number}`, { force: true });
      removed++;
    }
    const current = await fs.stat(path).catch(ignoreMissing);
    if (current?.isFile() && current.size > 0 && current.mtimeMs < beforeMs) await shift(fs, path, maxFiles);
    return removed;
  } finally {
    await unlock(fs, lockPath);
  }
};

interface RetentionOptions {
  readonly path: string;
  readonly maxFiles: number;
  readonly retentionMs: number;
  readonly fs: NdjsonFs;
  readonly timers: WallTimers;
  /** Is told how many files were removed. */
  readonly onRemoved?: ((files: number) => void) | undefined;
}

const INTERVAL_MS = 3_600_000;

/** Removes what is older than that, now and each hour. What cannot be removed is tried again then. Returns what ends it. */
export const startRetention = ({
  path,
  maxFiles,
  retentionMs,
  fs,
  timers,
  onRemoved,
}: RetentionOptions): (() => void) => {
  let cancel = (): void => undefined;
  let stopped = false;
  const sweep = async (): Promise<void> => {
    const removed = await removeFilesBefore(fs, path, maxFiles, timers.wallMs() - retentionMs).catch(() => 0);
    if (stopped) return;
    if (removed > 0) onRemoved?.(removed);
    cancel = timers.later(INTERVAL_MS, () => void sweep());
  };
  void sweep();
  return () => {
    stopped = true;
    cancel();
  };
};
