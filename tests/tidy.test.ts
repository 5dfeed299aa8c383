import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GIVE_UP_MS } from './support/give-up.ts';
import { HOME_OF, LATER, MAY_IMPORT } from './support/import-rules.ts';
import {
  declaredBy,
  exportsOf,
  functionSizes,
  type Import,
  importsOf,
  ROOT,
  reachableFrom,
  readSources,
  takenBy,
  withoutComments,
} from './support/source-tree.ts';

const src = readSources('src');
const tests = readSources('tests');
const bench = readSources('bench');
const imports = src.flatMap(importsOf);

const ruleFor = (path: string): string =>
  Object.keys(MAY_IMPORT)
    .filter((name) => path === name || (name.endsWith('/') && path.startsWith(name)))
    .sort((a, b) => b.length - a.length)[0] ?? '';

const folderOf = (path: string): string => (path.includes('/') ? `${path.split('/')[0]}/` : path);

const isAllowed = ({ from, target }: Import): boolean => {
  if (target === null || target.startsWith('..') || folderOf(target) === folderOf(from)) return true;
  const allowed = MAY_IMPORT[ruleFor(from)] ?? [];
  return allowed.some(
    (name) => target === name || ((name === '' || name.endsWith('/')) && target.startsWith(name)),
  );
};

const shown = ({ from, specifier, target }: Import): string => `${from} imports ${target ?? specifier}`;
const offenders = (pattern: RegExp, exempt: readonly string[] = []): string[] =>
  src
    .filter(({ path, text }) => !exempt.includes(path) && pattern.test(withoutComments(text)))
    .map(({ path }) => path);

test('every file of src is in a folder that has an import rule', () => {
  expect(src.map(({ path }) => path).filter((path) => ruleFor(path) === '')).toEqual([]);
});

test('imports run in the direction of the design', () => {
  expect(imports.filter((entry) => !isAllowed(entry)).map(shown)).toEqual([]);
});

test.each(HOME_OF)('only its home imports $what', ({ what, home }) => {
  expect(
    imports.filter(({ from, specifier }) => what.test(specifier) && !home.test(from)).map(shown),
  ).toEqual([]);
});

test('imports name files that exist', () => {
  const missing = ({ target }: Import) => target !== null && !existsSync(join(ROOT, 'src', target));
  expect(imports.filter(missing).map(shown)).toEqual([]);
});

test('every file of src is needed by the command line, by the embedded app-server or by a thread', () => {
  const needed = reachableFrom(
    ['cli/main.ts', 'app-server/main.ts', 'config/routes/read-thread.ts', 'telemetry/worker/thread.ts'],
    src,
  );
  expect(src.map(({ path }) => path).filter((path) => !needed.has(path))).toEqual([]);
});

test('what a file of src exports is used by another, or by a test', () => {
  const taken = new Set([
    ...src.flatMap((file) => takenBy('src', file)),
    ...tests.flatMap((file) => takenBy('tests', file)),
    ...bench.flatMap((file) => takenBy('bench', file)),
  ]);
  const unused = src.flatMap((file) =>
    exportsOf(file)
      .map((name) => `src/${file.path}#${name}`)
      .filter((entry) => !taken.has(entry)),
  );
  expect(unused).toEqual([]);
});

test('no two files of src export things of one name', () => {
  const homes = Map.groupBy(
    src.flatMap((file) => declaredBy(file).map((name) => ({ name, path: file.path }))),
    ({ name }) => name,
  );
  const shared = [...homes].filter(([, of]) => of.length > 1);
  expect(shared.map(([name, of]) => `${name}: ${of.map(({ path }) => path).join(', ')}`)).toEqual([]);
});

test('the environment is read in one file a process', () => {
  expect(offenders(/\bprocess\s*\.\s*env\b/, ['config/index.ts', 'app-server/environment.ts'])).toEqual([]);
});

test('timers are set in one way: by a `Later`', () => {
  const homes = src.filter(({ path }) => path === LATER || path.startsWith('app-server/'));
  const pattern = /(?<!\.)\b(?:setTimeout|setInterval)\(/;
  expect(
    offenders(
      pattern,
      homes.map(({ path }) => path),
    ),
  ).toEqual([]);
});

test('nothing is written to the console', () => {
  expect(offenders(/\bconsole\s*[.[]/)).toEqual([]);
});

test('no file has more than 250 lines', () => {
  const long = [...src, ...tests, ...bench].filter(({ lines }) => lines > 250);
  expect(long.map(({ path, lines }) => `${path}: ${lines}`)).toEqual([]);
});

test('no function has more than 70 lines', () => {
  const long = [...src, ...bench].flatMap(functionSizes).filter(({ lines }) => lines > 70);
  expect(long.map(({ name, lines }) => `${name}: ${lines}`)).toEqual([]);
});

test('the benchmark knows of src how a mirror is read, and starts the rest as its users do', () => {
  const taken = bench
    .flatMap((file) => importsOf(file).map(shown))
    .filter((text) => / \.\.\/(?!\.\.)src/.test(text));
  // The one program whose instructions are counted has no process around it.
  const ofOthers = taken.filter((text) => !text.startsWith('guard/scene.ts '));
  expect(ofOthers).toEqual(['mirror/lost.ts imports ../src/timeline/lost-lines.ts']);
});

test('no test is skipped, alone or still to be written', () => {
  const marked =
    /\b(?:test|it|describe)\.(?:skip|only|todo|failing)\b|\b(?:xit|xtest|xdescribe|fit|fdescribe)\s*\(/;
  expect(tests.filter(({ text }) => marked.test(text)).map(({ path }) => path)).toEqual([]);
});

test('a test that waits in vain says what it waited for, before the runner ends it', () => {
  const config = readFileSync(join(ROOT, 'jest.config.js'), 'utf8');
  const [, testTimeout = ''] = /testTimeout: ([\d_]+)/.exec(config) ?? [];
  expect(Number(testTimeout.replaceAll('_', ''))).toBeGreaterThan(GIVE_UP_MS);
});

test('no mark says that something is left over', () => {
  const mark = new RegExp(
    `\\b(?:${['TO' + 'DO', 'FIX' + 'ME', 'HA' + 'CK'].join('|')})\\b|@ts-(?:ignore|nocheck)|\\bdebugger;`,
  );
  expect([...src, ...tests, ...bench].filter(({ text }) => mark.test(text)).map(({ path }) => path)).toEqual(
    [],
  );
});

test('the folders of the tests are those of src, besides the ones that have no counterpart', () => {
  const own = new Set([
    'bench',
    'canary',
    'clients',
    'codex',
    'compose',
    'docs',
    'e2e',
    'exits',
    'fixtures',
    'llama',
    'long',
    'soak',
    'stack',
    'supply-chain',
    'support',
    'worst-inputs',
  ]);
  const folders = readdirSync(join(ROOT, 'tests'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  const strays = folders.filter(({ name }) => !own.has(name) && !existsSync(join(ROOT, 'src', name)));
  expect(strays.map(({ name }) => name)).toEqual([]);
});
