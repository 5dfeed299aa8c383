import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { link, mkdir, rename, rm, statfs, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A disk for one file, which can be full and be free again: the errors are the kernel's own. */
export type Disk = {
  /** The file on it. */
  readonly path: string;
  fill(): Promise<void>;
  free(): Promise<void>;
  remove(): Promise<void>;
};

const SIZE = '512m';

/** A tmpfs, whose size is set to what is on it. */
const tmpfsDisk = (directory: string): Disk => {
  const resize = (size: string) => run('mount', ['-o', `remount,size=${size}`, directory]);
  const fill = async (attempts = 20): Promise<void> => {
    const { blocks, bfree, bsize } = await statfs(directory);
    // What is written meanwhile makes that size too small for the kernel.
    await resize(String((blocks - bfree) * bsize)).catch((error: unknown) => {
      if (attempts === 0) throw error;
      return fill(attempts - 1);
    });
  };
  return {
    path: join(directory, 'proto.ndjson'),
    fill,
    free: async () => void (await resize(SIZE)),
    remove: async () => void (await run('umount', ['-l', directory])),
  };
};

/** Where nobody may mount anything: the file is put aside, and its name leads to /dev/full. */
const deviceDisk = (directory: string): Disk => {
  if (!existsSync('/dev/full')) throw new Error('this test needs a mount or /dev/full');
  const path = join(directory, 'proto.ndjson');
  const [aside, full] = [join(directory, 'aside'), join(directory, 'full')];
  return {
    path,
    async fill() {
      await link(path, aside);
      await symlink('/dev/full', full);
      await rename(full, path);
    },
    free: () => rename(aside, path),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
};

export const createDisk = async (directory: string): Promise<Disk> => {
  await mkdir(directory);
  return run('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'chaos-test', directory]).then(
    () => tmpfsDisk(directory),
    () => deviceDisk(directory),
  );
};
