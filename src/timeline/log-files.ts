import { type FileHandle, open, readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { LogPaths } from './model.ts';

/** A log file held open, so that a rotation while we read only renames it. */
export interface LogFile {
  readonly path: string;
  readonly handle: FileHandle;
  readonly inode: bigint;
  /** False for a pipe, such as `/dev/stdin`, which can be read once and in order only. */
  readonly seekable: boolean;
}

/** A file that is there and cannot be read: not a gap in the trace, but something for the operator to put right. */
export class LogFileError extends Error {
  override readonly name = 'LogFileError';
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is no directory',
  EMFILE: 'too many open files',
};

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException | null)?.code ?? error);

const unreadable = (path: string, cause: unknown): LogFileError => {
  const code = codeOf(cause);
  return new LogFileError(`cannot read ${path}: ${REASONS[code] ?? code}`, { cause });
};

/** Runs a file operation: a missing file is `null`, any other failure is said in words. */
const orMissing = async <T>(path: string, operation: () => Promise<T>): Promise<T | null> => {
  try {
    return await operation();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw unreadable(path, error);
  }
};

/** The paths, each file once, however often and by whatever name it is given. */
export const distinctPaths = async (paths: LogPaths | undefined): Promise<string[]> => {
  const distinct = new Map<string, string>();
  for (const path of paths === undefined ? [] : [paths].flat()) {
    const real = await realpath(path).catch(() => resolve(path));
    if (!distinct.has(real)) distinct.set(real, path);
  }
  return [...distinct.values()];
};

/** The file and its rotated siblings, newest first: `FILE`, `FILE.1`, `FILE.2`, … */
const listNewestFirst = async (path: string): Promise<string[]> => {
  const folder = dirname(path);
  const prefix = `${basename(path)}.`;
  const names = (await orMissing(folder, () => readdir(folder))) ?? [];
  const numbers = names
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)))
    .sort((a, b) => a - b);
  return [path, ...numbers.map((number) => join(folder, `${prefix}${number}`))];
};

const openFile = async (path: string): Promise<LogFile | null> => {
  const handle = await orMissing(path, () => open(path, 'r'));
  if (!handle) return null;
  const stats = await handle.stat({ bigint: true });
  if (!stats.isDirectory()) return { path, handle, inode: stats.ino, seekable: stats.isFile() };
  await handle.close();
  throw unreadable(path, { code: 'EISDIR' });
};

/**
 * Opens a log file and its rotated siblings, oldest first, down to the one after `after` where that is given.
 * They are opened newest first, because a rotation meanwhile moves files to higher numbers only: one may be met
 * twice, none is missed.
 *
 * @throws LogFileError for a file that is there and cannot be read
 */
export const openLogFiles = async (path: string, after?: bigint): Promise<LogFile[]> => {
  const files: LogFile[] = [];
  try {
    for (const sibling of await listNewestFirst(path)) {
      const file = await openFile(sibling);
      if (!file) continue;
      const seen = file.inode === after || files.some(({ inode }) => inode === file.inode);
      if (seen) await file.handle.close();
      if (file.inode === after) break;
      if (!seen) files.unshift(file);
    }
    return files;
  } catch (error) {
    await Promise.all(files.map(({ handle }) => handle.close()));
    throw error;
  }
};
