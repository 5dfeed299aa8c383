import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { readRoutes } from '../../src/config/routes/read-routes.ts';

const page = () => readFile(fileURLToPath(new URL('../../docs/routes.md', import.meta.url)), 'utf8');

/** The names in the first column of the tables of a page. */
const rowsOf = (markdown: string): string[] =>
  [...markdown.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = '']) => name);

test('the example of docs/routes.md is a routes file as it stands', async () => {
  const [, example = ''] = /^```yaml\n(.*?)^```/ms.exec(await page()) ?? [];
  const read = readRoutes(example, 'routes.yaml', { NEXT_KEY: 'sk-next' });
  expect(read).toMatchObject({ type: 'routes', lacks: [] });
  if (read.type !== 'routes') return;
  expect(read.routes.backends.map(({ name }) => name)).toEqual(['codex', 'next', 'local']);
  expect(read.routes.rules.map(({ match }) => match)).toEqual(['gpt-*', 'fast', 'mixed']);
});

test('docs/routes.md has every key of the file', async () => {
  const { KEYS } = await import('../../src/config/routes/schema.ts');
  const keys = [...KEYS.http.filter((key) => key !== 'kind'), ...KEYS.rule];
  expect(rowsOf(await page()).sort()).toEqual(keys.sort());
});
