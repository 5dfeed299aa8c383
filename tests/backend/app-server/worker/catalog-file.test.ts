import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCatalogFile } from '../../../../src/backend/app-server/worker/catalog-file.ts';

const CATALOG = '{"models":[{"slug":"gpt","tool_mode":"code_mode_only"}]}';
const ONLY_BUNDLED = `process.argv.includes('--bundled') ? process.stdout.write('${CATALOG}') : process.exit(3)`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'throughline-catalog-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A program in place of Codex, run as `node FILE app-server …`. */
const createFile = async (program: string, args: readonly string[] = ['app-server']) => {
  const script = join(folder, 'codex.cjs');
  await writeFile(script, program);
  const failures: string[] = [];
  const file = createCatalogFile({
    command: [process.execPath, script, ...args],
    env: {},
    cwd: folder,
    ownTools: true,
    onFailure: (reason) => failures.push(reason),
  });
  return { file, failures };
};

test('the catalogue is asked for with the settings of the command, changed, and gone after the end', async () => {
  const program = `const models = [{ slug: process.argv.slice(2).join(' '), tool_mode: 'code_mode_only' }];
process.stdout.write(JSON.stringify({ models }));`;
  const { file } = await createFile(program, ['app-server', '-c', 'a=1', '--listen', 'x', '--enable', 'y']);
  const path = (await file.path()) ?? '';
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({
    models: [{ slug: '-c a=1 --enable y debug models' }],
  });
  await file.close();
  await file.close();
  await expect(access(path)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('where no newer one can be had, the one in the program counts', async () => {
  const { file, failures } = await createFile(ONLY_BUNDLED);
  expect(JSON.parse(await readFile((await file.path()) ?? '', 'utf8'))).toEqual({
    models: [{ slug: 'gpt' }],
  });
  expect(failures).toEqual([]);
  await file.close();
});

test.each([
  ['that fails', 'process.exit(3)', '`codex debug models` failed with 3'],
  [
    'that tells something else',
    'process.stdout.write("{}")',
    'the output of `codex debug models` has no list of models',
  ],
])('a program %s gives none, and says why, once', async (_, program, reason) => {
  const { file, failures } = await createFile(program);
  expect(await file.path()).toBeNull();
  expect(failures).toEqual([reason]);
});

test('a command that is no app-server of Codex is not run', async () => {
  const { file, failures } = await createFile(`require('node:fs').writeFileSync('ran', '')`, ['serve']);
  expect(await file.path()).toBeNull();
  expect(failures).toEqual([]);
  await expect(access(join(folder, 'ran'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('the end does not wait for a program that says nothing', async () => {
  const { file, failures } = await createFile('setInterval(() => undefined, 1000)');
  await file.close();
  expect(await file.path()).toBeNull();
  expect(failures).toEqual([]);
});
