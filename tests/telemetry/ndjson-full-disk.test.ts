import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createNdjsonFile } from '../../src/telemetry/mirror/ndjson-file.ts';
import { inDirectory, linesOf, readable } from './ndjson-support.ts';

const run = promisify(execFile);

/** A disk that is full, and how to make room on it. */
interface FullDisk {
  readonly path: string;
  makeRoom(): Promise<void>;
}

/** A tmpfs of 256 KiB with 24 KiB left; where nobody may mount one, a link to /dev/full that is taken away. */
const onFullDisk = (use: (disk: FullDisk) => Promise<void>): Promise<void> =>
  inDirectory(async (directory) => {
    const disk = join(directory, 'disk');
    await mkdir(disk);
    const path = join(disk, 'proto.ndjson');
    const filler = join(disk, 'filler');
    const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'ndjson-test', disk]).then(
      () => true,
      () => false,
    );
    if (!mounted) {
      if (!existsSync('/dev/full')) throw new Error('this test needs a mount or /dev/full');
      await symlink('/dev/full', path);
      return use({ path, makeRoom: () => rm(path) });
    }
    try {
      await writeFile(filler, Buffer.alloc(232 * 1024));
      await use({ path, makeRoom: () => truncate(filler, 0) });
    } finally {
      await run('umount', ['-l', disk]);
    }
  });

test('on a disk that is really full, nothing but the counted lines is lost', () =>
  onFullDisk(async ({ path, makeRoom }) => {
    const notices: string[] = [];
    const file = createNdjsonFile({
      path,
      maxQueueBytes: 32 * 1024,
      onLost: (_lost, error) => notices.push(error.message),
      onRecovered: (count) => JSON.stringify({ lost: count }),
    });
    const accepted: number[] = [];
    for (let number = 0; number < 2000; number++) {
      if (file.write(JSON.stringify({ number, padding: 'x'.repeat(90) }))) accepted.push(number);
      if (number % 100 === 99) await file.flush();
    }
    const { lost } = file.stats;
    expect(lost).toBe(2000 - accepted.length);
    expect(lost).toBeGreaterThan(0);
    expect(notices).toEqual([
      expect.stringContaining('ENOSPC'),
      expect.stringContaining('wait to be written'),
    ]);

    await makeRoom();
    await file.flush();
    await file.close();
    const { whole, torn } = readable(linesOf(path));
    expect(torn).toEqual([]);
    expect(whole.slice(0, -1)).toEqual(accepted.map((number) => expect.objectContaining({ number })));
    expect(whole.at(-1)).toEqual({ lost });
    expect(file.stats).toMatchObject({ lost, queuedBytes: 0, written: accepted.length + 1 });
  }));
