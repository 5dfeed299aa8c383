import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../support/source-tree.ts';
import { CLIENTS, versionsOf } from './clients.ts';
import { differences, type Row, renderPage, rowsOf } from './page.ts';

const CASES = ['plain', 'streamed', 'tools', 'structured'];
const VERSIONS = [{ client: 'some client', language: 'JS', packages: ['some-client 1.2.3'] }];

const rowOf = (backend: string, failing: Readonly<Record<string, string>>): Row[] => {
  const results = CASES.map((name) => {
    const detail = failing[name];
    const result = { way: 'Chat Completions', case: name, ok: detail === undefined };
    return detail === undefined ? result : { ...result, detail };
  });
  return rowsOf({ backend, client: 'some client', results });
};

const pageOf = (onEmbedded: Readonly<Record<string, string>>, onCodex = onEmbedded): string =>
  renderPage(VERSIONS, [...rowOf('embedded app-server', onEmbedded), ...rowOf('real Codex', onCodex)]);

const WORKS = '| some client | Chat Completions | works | works | works | works |';

test('a cell that works on the page and fails in the run is told', () => {
  expect(differences(pageOf({}), pageOf({}, { streamed: 'BadRequestError: 400 no' }))).toEqual([
    `- On the real Codex: ${WORKS}`,
    '+ On the real Codex: | some client | Chat Completions | works | **fails** | works | works |',
    '+ On the real Codex: - some client, Chat Completions, streamed: BadRequestError: 400 no',
  ]);
});

test('a cell that fails on the other backend than the page says is told', () => {
  const told = differences(pageOf({}, { tools: 'no' }), pageOf({ tools: 'no' }, {}));
  expect(told).toContain(`- On the embedded app-server: ${WORKS}`);
  expect(told).toContain(`+ On the real Codex: ${WORKS}`);
});

test('a cell that has come to work is told too, and a page like the run is not', () => {
  expect(differences(pageOf({ tools: 'no' }), pageOf({}))).toContain(
    `+ On the embedded app-server: ${WORKS}`,
  );
  expect(differences(pageOf({ tools: 'no' }), pageOf({ tools: 'no' }))).toEqual([]);
});

test('a case of which a program tells nothing fails', () => {
  const results = [{ way: 'Chat Completions', case: 'plain', ok: true }];
  const [row] = rowsOf({ backend: 'real Codex', client: 'some client', results });
  expect(row?.cells.plain).toEqual({ state: 'works', reason: '' });
  expect(row?.cells.tools).toEqual({ state: 'fails', reason: 'the program told no result' });
});

test('a reason is one line without what differs from run to run', () => {
  const page = pageOf({ plain: 'Error: 400 for req_0198f2aa1b2c7d3e\n  at somewhere' });
  expect(page).toContain('plain: Error: 400 for …\n');
  expect(page).not.toContain('at somewhere');
});

test.each(CLIENTS)('docs/clients.md has the pinned versions of $folder', async (client) => {
  const page = await readFile(join(ROOT, 'docs', 'clients.md'), 'utf8');
  expect(page).toContain(`| ${client.language} | ${(await versionsOf(client)).join(', ')} |`);
});
