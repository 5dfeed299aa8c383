import { lstat, mkdtemp, readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A working directory, until it is let go. */
export interface Folder {
  readonly path: string;
  /** Removes it, unless it is the operator's. Never rejects; twice is harmless. */
  remove(): Promise<void>;
}

/** Where turns and processes work. */
export interface Folders {
  open(): Promise<Folder>;
  /** Removes what is left of them. Twice is harmless. */
  close(): Promise<void>;
}

/** The same one for everybody, which is the operator's. */
export const oneFolder = (path: string): Folders => {
  const nothing = async (): Promise<void> => undefined;
  return { open: async () => ({ path, remove: nothing }), close: nothing };
};

const PREFIX = 'throughline-turn';
const LEFT_BEHIND = new RegExp(`^${PREFIX}-(\\d+)-`);

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Most are empty, and one call removes them. A folder that cannot be removed now is tried again at the next start. */
const removeFolder = (path: string): Promise<void> =>
  rmdir(path)
    .catch(() => rm(path, { recursive: true, force: true }))
    .catch(() => undefined);

/** Removes what gateways that were killed have left: folders of our user whose process is gone. In a container the next one has its number. */
const removeLeftBehind = async (root: string): Promise<void> => {
  const names = await readdir(root).catch(() => []);
  const left = names.filter((name) => {
    const [, pid] = LEFT_BEHIND.exec(name) ?? [];
    return pid !== undefined && (Number(pid) === process.pid || !isRunning(Number(pid)));
  });
  for (const path of left.map((name) => join(root, name))) {
    const found = await lstat(path).catch(() => null);
    if (found?.isDirectory() && found.uid === process.getuid?.()) await removeFolder(path);
  }
};

/**
 * A fresh, empty folder for each, in `root`, that our user alone may enter (0700, which is what `mkdtemp` makes). Begins with
 * what earlier gateways have left there.
 */
export const createFreshFolders = async (root: string): Promise<Folders> => {
  const open = new Set<string>();
  const remove = async (path: string): Promise<void> => {
    if (open.delete(path)) await removeFolder(path);
  };
  await removeLeftBehind(root);
  return {
    async open() {
      const path = await mkdtemp(join(root, `${PREFIX}-${process.pid}-`));
      open.add(path);
      return { path, remove: () => remove(path) };
    },
    async close() {
      await Promise.all([...open].map(remove));
    },
  };
};
