import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cleanEnv, startGateway } from '../support/gateway.ts';
import { GIVE_UP_MS } from '../support/give-up.ts';

const pathOf = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));

const PROGRAMS = [
  ['the command line', pathOf('bin/throughline.mjs')],
  ['the embedded app-server', pathOf('src/app-server/main.ts')],
] as const;

/** Below the home folder: everybody can write to the system's temporary one, in which no cache is taken. */
let place: string;
let folder: string;
let env: Record<string, string>;

beforeEach(async () => {
  place = await mkdtemp(join(homedir(), '.throughline-cache-test-'));
  folder = join(place, 'cache', 'throughline', 'node');
  env = { XDG_CACHE_HOME: join(place, 'cache'), TMPDIR: join(place, 'shared') };
  await mkdir(join(place, 'shared'));
});
afterEach(() => rm(place, { recursive: true, force: true }));

/** Runs a program to its end. One that never ends is killed, and has no exit code. */
const run = (args: readonly string[], more: Record<string, string> = {}) =>
  new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const { NODE_COMPILE_CACHE: _, NODE_DISABLE_COMPILE_CACHE: __, ...clean } = cleanEnv();
    const options = {
      env: { ...clean, ...env, ...more },
      timeout: GIVE_UP_MS,
      killSignal: 'SIGKILL',
    } as const;
    const child = execFile(process.execPath, args, options, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    );
  });

/** What is below a folder; nothing where there is none. */
const below = (path: string): Promise<string[]> => readdir(path, { recursive: true }).catch(() => []);
const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;
const answers = { code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: '' };

describe.each(PROGRAMS)('what %s has compiled', (_, program) => {
  it("is kept in a folder of the user's own, never in the shared temporary one", async () => {
    expect(await run([program, '--version'])).toEqual(answers);
    expect((await below(folder)).length).toBeGreaterThan(1);
    expect(await modeOf(folder)).toBe(0o700);
    expect(await below(join(place, 'shared'))).toEqual([]);
  });

  it.each([
    ['that others can write to', (path: string) => chmod(path, 0o777)],
    ['that its group can write to', (path: string) => chmod(path, 0o770)],
    ['whose parent others can write to', () => chmod(join(place, 'cache'), 0o777)],
    [
      'that is a link',
      async (path: string) => {
        await rm(path, { recursive: true });
        await symlink(join(place, 'shared'), path);
      },
    ],
  ])('is kept nowhere where there is a folder %s', async (_, spoil) => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await spoil(folder);
    expect(await run([program, '--version'])).toEqual(answers);
    expect([...(await below(folder)), ...(await below(join(place, 'shared')))]).toEqual([]);
  });

  it.each(['/proc/nowhere', '/dev/null/nowhere'])(
    'is kept nowhere where there can be no %s',
    async (home) => {
      expect(await run([program, '--version'], { XDG_CACHE_HOME: home })).toEqual(answers);
    },
  );

  it('is kept nowhere where the operator says so', async () => {
    expect(await run([program, '--version'], { NODE_DISABLE_COMPILE_CACHE: '1' })).toEqual(answers);
    expect(await below(folder)).toEqual([]);
  });

  it("is kept in a folder of the operator's, which is refused where others can write to it", async () => {
    const own = join(place, 'own');
    await mkdir(own, { mode: 0o700 });
    expect(await run([program, '--version'], { NODE_COMPILE_CACHE: own })).toEqual(answers);
    expect((await below(own)).length).toBeGreaterThan(1);
    expect(await below(folder)).toEqual([]);
    await chmod(own, 0o777);
    expect(await run([program, '--version'], { NODE_COMPILE_CACHE: own })).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(`NODE_COMPILE_CACHE=${own} is not valid: a folder of this user's own`),
    });
  });
});

test('a folder of another user is left alone', async () => {
  const module = JSON.stringify(pathOf('bin/compile-cache.mjs'));
  const script = (uid: string) =>
    `import { getCompileCacheDir } from 'node:module';
     import { openCompileCache } from ${module};
     openCompileCache(process.env, ${uid});
     process.stdout.write(String(getCompileCacheDir()));`;
  const folderFor = async (uid: string) => (await run(['--input-type=module', '--eval', script(uid)])).stdout;
  expect(await folderFor('process.geteuid()')).toMatch(folder);
  expect(await folderFor('process.geteuid() + 1')).toBe('undefined');
});

test('the gateway and its embedded app-server keep what they compile in one folder', async () => {
  const gateway = await startGateway(env);
  try {
    await gateway.stop();
  } finally {
    await gateway.remove();
  }
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  expect(entries.filter((entry) => entry.isDirectory())).toHaveLength(1);
  expect(await below(join(place, 'shared'))).toEqual([]);
  // The embedded app-server alone has these.
  const files = entries.filter((entry) => entry.isFile()).length;
  await run([pathOf('src/app-server/main.ts'), '--version']);
  expect(await below(folder)).toHaveLength(files + 1);
});
