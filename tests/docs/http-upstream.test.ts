import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { answerHeaders, requestHeaders } from '../../src/backend/http-upstream/relay/headers.ts';
import { httpSettings } from '../support/http-settings.ts';

const page = await readFile(fileURLToPath(new URL('../../docs/http-upstream.md', import.meta.url)), 'utf8');

/** The names in the first column of a table, by its heading. */
const rowsOf = (heading: string): string[] => {
  const [, table = ''] = new RegExp(`^\\| ${heading} \\| \\|\\n(.*?)\\n\\n`, 'ms').exec(page) ?? [];
  return table
    .split('\n')
    .flatMap((row) => [...(row.split(' | ')[0]?.matchAll(/`([^`]+)`/g) ?? [])].map(([, name = '']) => name));
};

const FROM_CLIENT = {
  'content-type': 'application/json',
  accept: '*/*',
  'openai-beta': 'b',
  'openai-organization': 'o',
  'openai-project': 'p',
  'idempotency-key': 'i',
  authorization: 'Bearer client',
  cookie: 'c',
  baggage: 'b',
  'x-forwarded-for': 'f',
  'user-agent': 'curl',
};

test('docs/http-upstream.md has every header that a server gets', () => {
  const sender = { version: '1', reqId: 'r', carrier: { traceparent: 't', tracestate: 's' } };
  const settings = httpSettings({ trust: true, key: 'k', headers: { 'x-team': 'core' } });
  const { 'x-team': _, ...sent } = requestHeaders(settings, FROM_CLIENT, sender);
  expect(
    rowsOf('to the server')
      .filter((name) => name !== 'headers')
      .sort(),
  ).toEqual(Object.keys(sent).sort());
});

test('docs/http-upstream.md has every header of an answer that goes on', () => {
  const ours = ['x-request-id', 'x-trace-id', 'server-timing'];
  const names = rowsOf('to the client').filter((name) => !ours.includes(name));
  const given = Object.fromEntries(names.map((name) => [name.replace('…', 'x'), 'v']));
  const others = { 'set-cookie': 'v', server: 'v', via: 'v', 'x-request-id': 'v', connection: 'v' };
  expect(Object.keys(answerHeaders({ ...given, ...others }).headers).sort()).toEqual(
    Object.keys(given).sort(),
  );
  expect(names).toHaveLength(13);
});

test('docs/http-upstream.md has every time of the usage record', async () => {
  const schema = await readFile(
    fileURLToPath(new URL('../../schemas/usage-record.schema.json', import.meta.url)),
    'utf8',
  );
  const times = Object.keys(JSON.parse(schema).properties).filter((name) =>
    /^(?!duration|first).*_ms$/.test(name),
  );
  expect(rowsOf('field').sort()).toEqual(['backend', ...times].sort());
});
