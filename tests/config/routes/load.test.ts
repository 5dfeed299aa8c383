import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadRoutes, loadRoutesData } from '../../../src/config/routes/load.ts';
import { RoutesError } from '../../../src/config/routes/problems.ts';

const withFile = async <Result>(
  content: string | Buffer,
  use: (path: string) => Promise<Result>,
): Promise<Result> => {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-routes-'));
  try {
    const path = join(folder, 'routes.yaml');
    await writeFile(path, content);
    return await use(path);
  } finally {
    await rm(folder, { recursive: true });
  }
};

const ENV = { NEXT_KEY: ' sk-next ' };
const BACKENDS = `backends:
  codex: { kind: app-server }
  next: { kind: http, url: "http://127.0.0.1:1/v1/", key_env: NEXT_KEY, headers: { x-a: b } }
models:
  - { match: "gpt-*", backend: next, fallback: [codex] }
`;
/** Larger than what is read without a thread. */
const LARGE = `${BACKENDS}${Array.from({ length: 500 }, (_, at) => `  - { match: m${at}, backend: next }\n`).join('')}`;

test('a file becomes backends and rules, with the keys of the environment', async () => {
  const { backends, rules } = await withFile(BACKENDS, (path) => loadRoutes(path, ENV));
  expect(backends).toMatchObject([
    { kind: 'app-server', name: 'codex' },
    { kind: 'http', name: 'next', settings: { name: 'next', key: 'sk-next', headers: { 'x-a': 'b' } } },
  ]);
  expect(backends[1]).toHaveProperty('settings.url', new URL('http://127.0.0.1:1/v1'));
  expect(backends[1]).not.toHaveProperty('settings.keyEnv');
  expect(rules).toHaveLength(1);
});

test('what is loaded is frozen', async () => {
  const { backends, rules } = await withFile(BACKENDS, (path) => loadRoutes(path, ENV));
  const [codex, next] = backends;
  const settings = next?.kind === 'http' ? [next.settings, next.settings.apis, next.settings.headers] : [];
  const parts = [backends, rules, codex, next, ...settings, rules[0], rules[0]?.fallback, rules[0]?.backends];
  expect(parts.map((part) => Object.isFrozen(part))).toEqual(parts.map(() => true));
});

test('a large file is read in a thread of its own, and comes to the same', async () => {
  const { backends, rules } = await withFile(LARGE, (path) => loadRoutes(path, ENV));
  expect(backends).toEqual((await withFile(BACKENDS, (path) => loadRoutes(path, ENV))).backends);
  expect([rules.length, rules.at(-1)?.match]).toEqual([501, 'm499']);
});

test('a large file that is wrong is told of like a small one', async () => {
  await withFile(`${LARGE}  - { match: a, backend: nxt }\n`, async (path) => {
    await expect(loadRoutes(path, ENV)).rejects.toThrow(
      new RoutesError([`${path}:506:26: there is no backend "nxt"; did you mean next?`]),
    );
  });
});

test('each problem is a line that begins with the place', async () => {
  await withFile('backends: { a: { kind: http, url: x, trust: 1 } }', async (path) => {
    const { lines } = await loadRoutesData(path, {}).then(
      () => ({ lines: [] }),
      (thrown: RoutesError) => thrown,
    );
    expect(lines).toEqual([
      expect.stringContaining(`${path}:1:35: url must be`),
      expect.stringContaining(`${path}:1:45: trust must be true or false`),
    ]);
  });
});

test.each([
  [Buffer.alloc(1024 * 1024 + 1, ' '), 'is larger than 1024 KiB'],
  [Buffer.from([0xff, 0xfe]), 'is not UTF-8'],
])('what is no such file is refused in words', async (content, problem) => {
  await withFile(content, async (path) => {
    await expect(loadRoutes(path, ENV)).rejects.toThrow(new RoutesError([`${path}: ${problem}`]));
  });
});

test('a device without an end is not read to its end', async () => {
  await expect(loadRoutes('/dev/zero', ENV)).rejects.toThrow('/dev/zero: is larger than 1024 KiB');
});

test('a folder is no file', async () => {
  await expect(loadRoutes(tmpdir(), ENV)).rejects.toThrow(`${tmpdir()}: cannot be read (EISDIR)`);
});
