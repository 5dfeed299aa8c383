import { dirname } from 'node:path';
import type { WallTimers } from '../../later.ts';
import type { FileIdentity, NdjsonFs, NdjsonHandle } from './ndjson-fs.ts';
import { removeOldFiles } from './ndjson-rotate.ts';

/** A file that lines are appended to. */
export interface OpenFile {
  readonly handle: NdjsonHandle;
  readonly identity: FileIdentity;
  size: number;
  /** The file ends inside a line: a newline goes first. */
  torn: boolean;
  /** On the monotonic scale: when somebody last looked whether it still has its name. */
  checkedAt: number;
  /** The time of its first line, by the wall clock. */
  readonly startedMs: number;
}

interface OpenOptions {
  readonly path: string;
  readonly maxFiles: number;
  readonly fs: NdjsonFs;
  readonly timers: WallTimers;
}

const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;
const PERMISSIONS = 0o7777;
/** Where the `ts` of a line stands in every line that we write. */
const HEAD_BYTES = 256;

const endsWith = async (handle: NdjsonHandle, size: number, newline: Uint8Array): Promise<boolean> => {
  const last = Buffer.alloc(1);
  const { bytesRead } = await handle.read(last, 0, 1, size - 1);
  return bytesRead < 1 || last.equals(newline);
};

/**
 * The size of a file, and whether it ends inside a line. While another process appends, the system tells sizes that end in the middle of
 * what that process writes. Setting the mode, to what it is, waits for such a write to end; a size that has not changed behind it is the
 * end of a line that somebody could not finish.
 */
const measureEnd = async (
  handle: NdjsonHandle,
  newline: Uint8Array,
): Promise<{ size: number; torn: boolean }> => {
  let { size, mode } = await handle.stat();
  while (size > 0 && !(await endsWith(handle, size, newline))) {
    await handle.chmod(mode & PERMISSIONS).catch(() => undefined);
    const before = size;
    ({ size, mode } = await handle.stat());
    if (size === before) return { size, torn: true };
  }
  return { size, torn: false };
};

/** The first line says when it was written; of one that does not, the last change of the file is all that is known. */
const startOf = async (
  handle: NdjsonHandle,
  { size, mtimeMs }: FileIdentity,
  nowMs: number,
): Promise<number> => {
  if (size === 0) return nowMs;
  const head = Buffer.alloc(HEAD_BYTES);
  const { bytesRead } = await handle.read(head, 0, HEAD_BYTES, 0);
  const [, ts = ''] = /"ts":"([^"]+)"/.exec(head.toString('latin1', 0, bytesRead)) ?? [];
  return Date.parse(ts) || mtimeMs;
};

/** Opens the file for appending, and its directory where there is none. @throws */
export const openFile = async (
  { fs, path, timers, maxFiles }: OpenOptions,
  newline: Uint8Array,
): Promise<OpenFile> => {
  await fs.mkdir(dirname(path), { recursive: true, mode: DIRECTORY_MODE });
  const handle = await fs.open(path, 'a+', FILE_MODE);
  try {
    const identity = await handle.stat();
    const opened = { handle, identity, checkedAt: timers.now() };
    if (!identity.isFile()) return { ...opened, size: 0, torn: false, startedMs: timers.wallMs() };
    await removeOldFiles(fs, path, maxFiles);
    const startedMs = await startOf(handle, identity, timers.wallMs());
    return { ...opened, ...(await measureEnd(handle, newline)), startedMs };
  } catch (error) {
    await handle.close().catch(() => undefined);
    throw error;
  }
};
