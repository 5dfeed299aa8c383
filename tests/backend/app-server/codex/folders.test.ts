import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFreshFolders, oneFolder } from '../../../../src/backend/app-server/codex/folders.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'folders-'));
});
afterEach(() => rm(root, { recursive: true }));

/** The number of a process that has ended. */
const deadPid = async (): Promise<number> => {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  return Number(child.pid);
};

test('each turn gets a folder of its own, empty, for our user alone, that is gone afterwards', async () => {
  const folders = await createFreshFolders(root);
  const [first, second] = await Promise.all([folders.open(), folders.open()]);
  expect(first.path).not.toBe(second.path);
  expect(await readdir(first.path)).toEqual([]);
  expect((await stat(first.path)).mode & 0o777).toBe(0o700);
  await writeFile(join(first.path, 'left'), 'behind');
  await first.remove();
  await first.remove();
  expect((await readdir(root)).map((name) => join(root, name))).toEqual([second.path]);
  await folders.close();
  expect(await readdir(root)).toEqual([]);
});

test('what killed gateways have left is removed at the start, and nothing else', async () => {
  const dead = await deadPid();
  const kept = [
    'throughline-turn-1-abc',
    `throughline-turn-${dead}-link`,
    `other-${dead}-abc`,
    'throughline-turn-x',
  ];
  const gone = [`throughline-turn-${dead}-abc`, `throughline-turn-${process.pid}-abc`];
  for (const name of [...gone, ...kept]) {
    if (name.endsWith('link')) await symlink('/', join(root, name));
    else await mkdir(join(root, name));
  }
  await createFreshFolders(root);
  expect((await readdir(root)).sort()).toEqual(kept.sort());
});

test('where no folder can be made, who asks is told', async () => {
  const folders = await createFreshFolders(join(root, 'missing'));
  await expect(folders.open()).rejects.toMatchObject({ code: 'ENOENT' });
});

test('the folder of the operator stays', async () => {
  const folders = oneFolder(root);
  const folder = await folders.open();
  expect(folder.path).toBe(root);
  await folder.remove();
  await folders.close();
  expect(await readdir(root)).toEqual([]);
});
