import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { DOCUMENTS } from './documents.ts';

test.each(DOCUMENTS.map(({ path, render }) => [basename(path), path, render] as const))(
  'docs/%s says what the code does; if not, `npm run docs` writes it anew',
  async (_name, path, render) => {
    expect(await readFile(path, 'utf8')).toBe(render());
  },
);
