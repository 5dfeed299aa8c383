import { dirname } from 'node:path';
import type { WallTimers } from '../../later.ts';
import { toError } from '../outage.ts';
import {
  type FileIdentity,
  isMissing,
  isOther,
  type NdjsonFs,
  type NdjsonHandle,
  removeOldFiles,
  rotate,
} from './ndjson-rotate.ts';

/** How far an append got; with an `error` the file was closed, and the next append opens it again. */
export interface Appended {
  readonly bytes: number;
  readonly error?: Error;
}

/** One rotating file. Calls must not overlap. */
export interface Appender {
  /** Opens and rotates as needed, then tells how many bytes may be appended now (one line may be more). @throws */
  room(lineBytes: number): Promise<number>;
  /** Appends whole lines in one write call, so that two processes do not tear each other's lines. Never throws. */
  append(lines: Buffer): Promise<Appended>;
  close(): Promise<void>;
}

export interface AppenderOptions {
  readonly path: string;
  readonly maxFileBytes: number;
  /** Infinite: none is ever removed. */
  readonly maxFiles: number;
  /** A file whose first line is older than this is rotated, whatever its size. */
  readonly maxAgeMs: number;
  readonly fs: NdjsonFs;
  readonly timers: WallTimers;
}

const NEWLINE = Buffer.from('\n');
/** A file that lines are appended to. */
interface OpenFile {
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

const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;
const PERMISSIONS = 0o7777;
/** Where the `ts` of a line stands in every line that we write. */
const HEAD_BYTES = 256;

const endsWith = async (handle: NdjsonHandle, size: number): Promise<boolean> => {
  const last = Buffer.alloc(1);
  const { bytesRead } = await handle.read(last, 0, 1, size - 1);
  return bytesRead < 1 || last.equals(NEWLINE);
};

/**
 * The size of a file, and whether it ends inside a line. While another process appends, the system tells sizes that end in the middle of
 * what that process writes. Setting the mode, to what it is, waits for such a write to end; a size that has not changed behind it is the
 * end of a line that somebody could not finish.
 */
const measureEnd = async (handle: NdjsonHandle): Promise<{ size: number; torn: boolean }> => {
  let { size, mode } = await handle.stat();
  while (size > 0 && !(await endsWith(handle, size))) {
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
const openFile = async ({ fs, path, timers, maxFiles }: AppenderOptions): Promise<OpenFile> => {
  await fs.mkdir(dirname(path), { recursive: true, mode: DIRECTORY_MODE });
  const handle = await fs.open(path, 'a+', FILE_MODE);
  try {
    const identity = await handle.stat();
    const opened = { handle, identity, checkedAt: timers.now() };
    if (!identity.isFile()) return { ...opened, size: 0, torn: false, startedMs: timers.wallMs() };
    await removeOldFiles(fs, path, maxFiles);
    const startedMs = await startOf(handle, identity, timers.wallMs());
    return { ...opened, ...(await measureEnd(handle)), startedMs };
  } catch (error) {
    await handle.close().catch(() => undefined);
    throw error;
  }
};

const CHECK_INTERVAL_MS = 1000;

/** Goes on after a short write, and says how far it got when the rest cannot be written. */
const writeAll = async (handle: NdjsonHandle, chunk: Buffer): Promise<Appended> => {
  let bytes = 0;
  try {
    while (bytes < chunk.length) {
      const { bytesWritten } = await handle.write(chunk, bytes, chunk.length - bytes);
      if (bytesWritten === 0) return { bytes, error: new Error('the file takes no more bytes') };
      bytes += bytesWritten;
    }
    return { bytes };
  } catch (error) {
    return { bytes, error: toError(error) };
  }
};

/** The part of a line that was written before the rest failed. */
const fragmentOf = (chunk: Buffer, bytes: number): Buffer => {
  const written = chunk.subarray(0, bytes);
  return written.subarray(written.lastIndexOf(NEWLINE) + 1);
};

/**
 * Takes a fragment off the end of the file again, unless another process has written behind it. Where that fails, the next opening finds
 * a file that ends inside a line.
 */
const takeBack = async ({ handle, identity }: OpenFile, fragment: Buffer): Promise<void> => {
  if (fragment.length === 0 || !identity.isFile()) return;
  const { size } = await handle.stat();
  const start = size - fragment.length;
  const end = Buffer.alloc(fragment.length);
  const { bytesRead } = await handle.read(end, 0, end.length, start);
  if (bytesRead === end.length && end.equals(fragment)) await handle.truncate(start);
};

export const createAppender = (options: AppenderOptions): Appender => {
  const { path, fs, timers, maxFileBytes, maxFiles, maxAgeMs } = options;
  let file: OpenFile | undefined;

  const close = async (): Promise<void> => {
    const { handle } = file ?? {};
    file = undefined;
    await handle?.close().catch(() => undefined);
  };

  /** Somebody may delete or move the file; another process may write or rotate it. */
  const isStale = async (open: OpenFile): Promise<boolean> => {
    const now = timers.now();
    if (now - open.checkedAt < CHECK_INTERVAL_MS) return false;
    open.checkedAt = now;
    const named = await fs
      .stat(path)
      .catch((error) => (isMissing(error) ? undefined : Promise.reject(error)));
    if (!named || isOther(named, open.identity)) return true;
    if (open.identity.isFile()) open.size = named.size;
    return false;
  };

  const ready = async (): Promise<OpenFile> => {
    if (file && (await isStale(file))) await close();
    file ??= await openFile(options);
    return file;
  };

  /** Whether this line belongs into a new file. */
  const isOver = (open: OpenFile, lineBytes: number): boolean =>
    open.size > 0 && (spaceIn(open) < lineBytes || timers.wallMs() - open.startedMs > maxAgeMs);

  const spaceIn = (open: OpenFile): number => maxFileBytes - open.size - (open.torn ? 1 : 0);

  return {
    async room(lineBytes) {
      let open = await ready();
      if (!open.identity.isFile()) return maxFileBytes;
      // Again after a rotation, since another process may have filled the file that is there now.
      while (isOver(open, lineBytes) && (await rotate(fs, path, maxFiles, open.identity))) {
        await close();
        open = await ready();
      }
      return spaceIn(open);
    },
    async append(lines) {
      if (!file) return { bytes: 0, error: new Error('the file is not open') };
      const head = file.torn ? 1 : 0;
      const chunk = head ? Buffer.concat([NEWLINE, lines]) : lines;
      const { bytes, error } = await writeAll(file.handle, chunk);
      if (error) {
        await takeBack(file, fragmentOf(chunk, bytes)).catch(() => undefined);
        await close();
      } else Object.assign(file, { size: file.size + bytes, torn: false });
      return { bytes: Math.max(0, bytes - head), ...(error && { error }) };
    },
    close,
  };
};
