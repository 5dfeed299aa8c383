import { execFile } from 'node:child_process';
import { chmod, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { GIVE_UP_MS } from '../support/give-up.ts';
import { ROOT } from '../support/source-tree.ts';
import { judge } from './judge.ts';

type Lock = {
  packages: Record<string, { version: string; integrity?: string; dev?: boolean }>;
};
type Property = { name: string };
type Component = { name: string; version: string; hashes: { alg: string }[]; properties: Property[] };

const isOfDevelopment = ({ name }: Property): boolean => name === 'cdx:npm:package:development';

const read = (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8');
const readJson = async <T>(path: string): Promise<T> => JSON.parse(await read(path)) as T;

const run = (file: string, args: string[], options: { cwd: string; env?: NodeJS.ProcessEnv }) =>
  new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(file, args, { ...options, timeout: GIVE_UP_MS }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    );
  });

describe('what is installed', () => {
  it('runs no script: npm is told so once for everybody, and wherever it is called by us', async () => {
    expect(await read('.npmrc')).toMatch(/^ignore-scripts=true$/m);
    const { scripts } = await readJson<{ scripts: Record<string, string> }>('package.json');
    const texts = [...Object.values(scripts), await read('Dockerfile'), await read('.ci/run')];
    const calls = texts.flatMap((text) => text.match(/npm (?:ci|i|install)\b.*/g) ?? []);
    // The README's own command, which .npmrc is for.
    const careless = calls.filter((call) => !/--ignore-scripts/.test(call) && call !== 'npm ci && npm test');
    expect(calls.length).toBeGreaterThan(4);
    expect(careless).toEqual([]);
  });

  it('leaves out no script of ours either, as npm does with those that come before or after another', async () => {
    const names = Object.keys((await readJson<{ scripts: object }>('package.json')).scripts);
    const silent = names.filter((name) =>
      names.some((other) => [`pre${other}`, `post${other}`].includes(name)),
    );
    const ofInstall = names.filter((name) => /^(?:pre|post)?(?:install|prepare)$/.test(name));
    expect([...silent, ...ofInstall]).toEqual([]);
  });

  it.each(['package-lock.json', 'tests/codex/package-lock.json'])(
    'is known by its hash, says %s',
    async (path) => {
      const { packages } = await readJson<Lock>(path);
      const { '': _, ...others } = packages;
      const unknown = Object.entries(others).filter(([, { integrity }]) => !integrity?.startsWith('sha512-'));
      expect(unknown).toEqual([]);
    },
  );
});

test('npm run sbom writes every package as CycloneDX, with its hash, those of development marked', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'throughline-sbom-'));
  try {
    for (const name of ['package.json', 'package-lock.json']) await cp(join(ROOT, name), join(cwd, name));
    expect(await run('npm', ['run', 'sbom'], { cwd })).toMatchObject({ code: 0 });
    const bom = JSON.parse(await readFile(join(cwd, 'sbom.cdx.json'), 'utf8'));
    expect(bom).toMatchObject({ bomFormat: 'CycloneDX', metadata: { component: { type: 'application' } } });
    const components = bom.components as Component[];
    const idsOf = (some: Component[]) => some.map(({ name, version }) => `${name}@${version}`);
    const { packages } = await readJson<Lock>('package-lock.json');
    const locked = Object.entries(packages).flatMap(([path, { version, dev }]) =>
      path && !dev ? [`${path.split('node_modules/').at(-1)}@${version}`] : [],
    );
    const needed = components.filter(({ properties }) => !properties.some(isOfDevelopment));
    expect(idsOf(needed).sort()).toEqual([...new Set(locked)].sort());
    expect(idsOf(components).some((id) => id.startsWith('jest@'))).toBe(true);
    expect(components.filter(({ hashes }) => !hashes?.some(({ alg }) => alg === 'SHA-512'))).toEqual([]);
  } finally {
    await rm(cwd, { recursive: true });
  }
});

const TAMPERED = { name: 'left-pad', version: '1.3.0', code: 'EINTEGRITYSIGNATURE' };

describe('the signatures of packages', () => {
  it.each([
    ['are valid where npm says so', { invalid: [], missing: [] }, 0, 'valid'],
    ['are not where one is wrong', { invalid: [TAMPERED], missing: [] }, 1, 'invalid'],
    ['are not where one is missing', { invalid: [], missing: [TAMPERED] }, 1, 'invalid'],
    ['are not where npm fails', { invalid: [], missing: [] }, 1, 'invalid'],
    ['are unknown without a network', { error: { code: 'ENOTFOUND', summary: 'no host' } }, 1, 'unknown'],
    [
      'are unknown where the registry has none',
      { error: { summary: 'found no dependencies to audit that were installed from a supported registry' } },
      1,
      'unknown',
    ],
    [
      'are not where the keys cannot be trusted',
      { error: { code: 'TUF_ERROR', summary: 'bad' } },
      1,
      'invalid',
    ],
    ['are not where npm says something else', { hello: 1 }, 0, 'invalid'],
  ])('%s', (_, said, exitCode, state) => {
    expect(judge(JSON.stringify(said), exitCode).state).toBe(state);
  });

  it.each([
    [{ invalid: [TAMPERED], missing: [] }, 1, 1, 'the signature of left-pad@1.3.0 is not valid'],
    [{ error: { code: 'ENOTFOUND', summary: 'no host' } }, 1, 0, 'NOT CHECKED'],
    [{ invalid: [], missing: [] }, 0, 0, 'every installed package has a valid signature'],
  ])('decide how npm run signatures ends: %j', async (said, npmCode, code, words) => {
    const bin = await mkdtemp(join(tmpdir(), 'throughline-npm-'));
    try {
      await writeFile(join(bin, 'npm'), `#!/bin/sh\necho '${JSON.stringify(said)}'\nexit ${npmCode}\n`);
      await chmod(join(bin, 'npm'), 0o755);
      const env = { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH']}` };
      const ran = await run(process.execPath, ['tests/supply-chain/check-signatures.ts'], { cwd: ROOT, env });
      expect(ran).toMatchObject({ code, stdout: expect.stringContaining(words) });
    } finally {
      await rm(bin, { recursive: true });
    }
  });
});
