import { complaints } from '../support/schemas.ts';
import { exportWith, spanOf, useBackendSpans } from './backend-spans-support.ts';

const { open, exported, exporting } = useBackendSpans();

const { traceId, spanId, startTimeUnixNano, endTimeUnixNano } = spanOf(0);
const BARE = { traceId, spanId, startTimeUnixNano, endTimeUnixNano };

test('a span without all that proto3 may leave out where it is zero is a whole one in both places', async () => {
  const { spans, lines, send } = await open(exporting());
  expect(await send(spans.relay.url, { resourceSpans: [{ scopeSpans: [{ spans: [BARE] }] }] })).toBe(200);
  await spans.shutdown();
  expect(exported()).toMatchObject([
    {
      name: '',
      kind: 'INTERNAL',
      status: 'UNSET',
      attributes: {},
      events: [],
      spanId,
      otlp: { kind: 1, ...BARE },
    },
  ]);
  expect(complaints('mirror-line', lines)).toEqual([]);
  expect(lines).toMatchObject([{ name: '', span_kind: 'INTERNAL', service: 'unknown_service', otlp: BARE }]);
});

test('nulls, numbers as text, text as numbers and ids in capitals are read as what they mean', async () => {
  const { spans, lines, send } = await open(exporting());
  const sent = {
    ...BARE,
    traceId: traceId.toUpperCase(),
    parentSpanId: null,
    endTimeUnixNano: 1_795_281_028_000_000_000,
    name: 'read',
    kind: '3',
    flags: '0',
    status: { code: '2', message: null },
    attributes: [
      { key: 'count', value: { intValue: 7, stringValue: null } },
      { key: 'share', value: { doubleValue: '0.5' } },
      { key: 'none', value: null },
      { key: 'list', value: { arrayValue: {} } },
    ],
    events: null,
    links: null,
  };
  expect(await send(spans.relay.url, exportWith([sent]))).toBe(200);
  await spans.shutdown();
  expect(exported()).toMatchObject([
    { traceId, kind: 'CLIENT', status: 'ERROR', attributes: { count: 7, share: 0.5, list: [] } },
  ]);
  expect(complaints('mirror-line', lines)).toEqual([]);
  expect(lines).toMatchObject([
    { span_kind: 'CLIENT', trace_id: traceId, otlp: { endTimeUnixNano: '1795281028000000000' } },
  ]);
});

test.each<[string, unknown]>([
  ['is nothing', null],
  ['is a word', 'span'],
  ['has no trace', { ...BARE, traceId: undefined }],
  ['has an id of another kind', { ...BARE, spanId: '../../etc' }],
  ['has no start', { ...BARE, startTimeUnixNano: undefined }],
  ['ends at no time', { ...BARE, endTimeUnixNano: 0 }],
  ['ends later than any time', { ...BARE, endTimeUnixNano: '9'.repeat(21) }],
  ['has a fraction of a kind', { ...BARE, kind: 1.5 }],
  ['has a name that is none', { ...BARE, name: { toString: 1 } }],
  ['has attributes that are no list', { ...BARE, attributes: { length: 1 } }],
  ['has an attribute that is nothing', { ...BARE, attributes: [null] }],
  ['has an event without a time', { ...BARE, events: [{ name: 'heard' }] }],
  ['has a link to nowhere', { ...BARE, links: [{}] }],
  ['has a status that is none', { ...BARE, status: 2 }],
])('a span that %s is left out and counted, and the ones beside it are taken', async (_, bad) => {
  const { spans, lines, post } = await open(exporting());
  const response = await post(spans.relay.url, JSON.stringify(exportWith([spanOf(0), bad, spanOf(1)])));
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ partialSuccess: { rejectedSpans: '1' } });
  await spans.shutdown();
  expect(exported().map(({ name }) => name)).toEqual(['step 0', 'step 1']);
  expect(complaints('mirror-line', lines)).toEqual([]);
});

test('an attribute of a hundred thousand lists in one another costs its depth, and nothing else', async () => {
  const { spans, lines, post } = await open(exporting());
  const deep = `${'{"arrayValue":{"values":['.repeat(100_000)}${']}}'.repeat(100_000)}`;
  const body = JSON.stringify(
    exportWith([{ ...BARE, attributes: [{ key: 'deep', value: 'DEEP' }] }, spanOf(1)]),
  );
  expect((await post(spans.relay.url, body.replace('"DEEP"', deep))).status).toBe(200);
  await spans.shutdown();
  expect(exported()).toHaveLength(2);
  expect(lines.filter(({ type }) => type === 'span')).toHaveLength(2);
});

test.each([
  'null',
  '[1]',
  '{"resourceSpans":[null]}',
  '{"resourceSpans":[{"resource":{"attributes":"x"}}]}',
  '{"resourceSpans":[{"scopeSpans":[{"spans":"x"}]}]}',
])('%s is no export', async (body) => {
  const { spans, lines, post } = await open();
  expect((await post(spans.relay.url, body)).status).toBe(400);
  expect(lines).toEqual([]);
});
