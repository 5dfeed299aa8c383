import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './support/source-tree.ts';

test('CONTRIBUTING.md says why each dependency is there, and of no other', () => {
  const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read('package.json'));
  const [, table = ''] = read('CONTRIBUTING.md').split('| package | why |');
  const named = [...table.matchAll(/^\| (`[^|]*)\|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  );
  const installed = [dependencies, devDependencies, optionalDependencies].flatMap((all) => Object.keys(all));
  expect(named.sort()).toEqual(installed.sort());
});

test('CONTRIBUTING.md has every command of the package but those that run before another', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const text = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
  const called = (name: string): string =>
    ['start', 'test'].includes(name) ? `npm ${name}` : `npm run ${name}`;
  const commands = Object.keys(scripts).filter((name) => !name.startsWith('pre'));
  expect(commands.filter((name) => !new RegExp(`^${called(name)}\\s`, 'm').test(text))).toEqual([]);
});

test('tsconfig.json names folders that are there', () => {
  const { include, exclude } = JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8'));
  const installed = (path: string): boolean => path.endsWith('node_modules');
  const missing = [...include, ...exclude].filter(
    (path) => !installed(path) && !existsSync(join(ROOT, path)),
  );
  expect(missing).toEqual([]);
});
