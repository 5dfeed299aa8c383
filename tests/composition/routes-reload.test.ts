import { createRoutesReload } from '../../src/composition/routes-reload.ts';
import { RoutesError } from '../../src/config/routes/problems.ts';
import type { Routes } from '../../src/gateway/routes.ts';
import type { Log } from '../../src/telemetry/log.ts';

const routes = (...names: string[]): Routes => ({
  backends: names.map((name) => ({ kind: 'app-server', name })),
  rules: [],
});

const setUp = (load: () => Promise<Routes>) => {
  const applied: Routes[] = [];
  const told: [string, object, string][] = [];
  const logger = {
    info: (fields: object, message: string) => told.push(['info', fields, message]),
    error: (fields: object, message: string) => told.push(['error', fields, message]),
  } as unknown as Log['logger'];
  const apply = (next: Routes): void => void applied.push(next);
  return { applied, told, reload: createRoutesReload({ path: 'routes.yaml', load, apply, log: { logger } }) };
};

test('new routes take the place of the old ones, which the log says', async () => {
  const { applied, told, reload } = setUp(async () => routes('codex'));
  await reload();
  expect(applied).toEqual([routes('codex')]);
  expect(told).toEqual([
    [
      'info',
      { path: 'routes.yaml', backends: ['codex'], rules: 0 },
      'the routes were read again, and count from now on',
    ],
  ]);
});

test('the old routes stay where the new ones are wrong, and the log has the words of the start', async () => {
  const lines = ['routes.yaml:1:1: must be a map', 'routes.yaml:2:1: "x" is not known here'];
  const { applied, told, reload } = setUp(() => Promise.reject(new RoutesError(lines)));
  await reload();
  expect(applied).toEqual([]);
  expect(told).toEqual([
    ['error', { path: 'routes.yaml', problems: lines }, 'the routes cannot be used: the old ones stay'],
  ]);
});

test('signals that come while the file is read mean one more reading', async () => {
  const open: ((next: Routes) => void)[] = [];
  const { applied, reload } = setUp(() => new Promise((resolve) => open.push(resolve)));
  const all = Promise.all([reload(), reload(), reload()]);
  open[0]?.(routes('a'));
  while (open.length < 2) await new Promise((resolve) => setImmediate(resolve));
  open[1]?.(routes('b'));
  await all;
  expect(applied.map(({ backends }) => backends[0]?.name)).toEqual(['a', 'b']);
  expect(open).toHaveLength(2);
});
