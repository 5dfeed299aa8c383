import type { SpanLine } from '../../src/telemetry/mirror/line.ts';
import { exportOf, exportWith, SECRET, spanOf, text, useBackendSpans } from './backend-spans-support.ts';

const { open, exported, exporting } = useBackendSpans();

test('a span that is handed on is the one in the mirror, sanitized, with all that it had', async () => {
  const { spans, lines, send } = await open(exporting());
  expect(await send(spans.relay.url, exportOf(1))).toBe(200);
  await spans.shutdown();
  const [sent] = exported();
  expect(sent).toMatchObject({
    service: 'codex-app-server',
    kind: 'SERVER',
    status: 'ERROR',
    traceState: 'throughline=req_0123456789ab',
    attributes: { api_key: '[REDACTED]', 'thread.id': 4, ready: true, share: 0.5, names: ['a', 1] },
    events: [{ name: 'heard', attributes: { word: 'x' } }],
  });
  expect(sent?.otlp).toMatchObject({
    ...spanOf(0),
    attributes: expect.arrayContaining([text('beyond', '9007199254740993')]),
    links: [{ traceId: '1'.repeat(32), spanId: '2'.repeat(16) }],
  });
  expect(JSON.stringify(lines)).not.toContain(SECRET);
  const line = lines.find((one): one is SpanLine => one.type === 'span');
  // Codex's own word of that name is none of our phases.
  expect(line).toMatchObject({ span_id: sent?.spanId, service: 'codex-app-server', phase: null });
});

test('a secret is taken out wherever a span, its events, links, scope and resource may hold one', async () => {
  const { spans, lines, send } = await open(exporting());
  const token = 'sk-proj-AbCdEf0123456789ghijKLMN';
  const attributes = [
    text(token, 'keyed'),
    { key: 'bytes', value: { bytesValue: Buffer.from(token).toString('base64') } },
    { key: 'password', value: { kvlistValue: { values: [text('x', token.slice(8))] } } },
    { key: 'api_key', value: { arrayValue: { values: [{ kvlistValue: { values: [text('x', SECRET)] } }] } } },
  ];
  const traceState = `vendor=${token}`;
  const span = {
    ...spanOf(0),
    name: `n ${token}`,
    traceState,
    attributes,
    status: { code: 2, message: token },
    events: [{ name: `e ${token}`, timeUnixNano: spanOf(0).startTimeUnixNano, attributes }],
    links: [{ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceState, attributes }],
  };
  const scope = { name: `s ${token}`, version: token, attributes };
  const resource = { attributes, schemaUrl: token };
  expect(
    await send(spans.relay.url, {
      resourceSpans: [
        { resource, schemaUrl: token, scopeSpans: [{ scope, schemaUrl: token, spans: [span] }] },
      ],
    }),
  ).toBe(200);
  await spans.shutdown();
  expect(exported()).toHaveLength(1);
  const written = JSON.stringify([lines, exported()]);
  for (const secret of [token, Buffer.from(token).toString('base64'), token.slice(8), SECRET])
    expect(written).not.toContain(secret);
  expect(exported()[0]).toMatchObject({
    name: 'n [REDACTED]',
    attributes: {
      '[REDACTED]': 'keyed',
      bytes: '[32 bytes]',
      password: '[REDACTED]',
      api_key: ['[REDACTED]'],
    },
  });
});

test('a backend that names one of our phases has none of them', async () => {
  const { spans, lines, send } = await open();
  const attributes = [text('phase', 'usage_summary'), text('req_id', 'req_0123456789ab')];
  expect(await send(spans.mirrorUrl, exportWith([{ ...spanOf(0), attributes }]))).toBe(200);
  expect(lines.at(-1)).toMatchObject({ type: 'span', req_id: 'req_0123456789ab', phase: null });
});

test('the spans of a process that exports by itself go to the mirror alone', async () => {
  const { spans, lines, send } = await open(exporting());
  expect(await send(spans.mirrorUrl, exportOf(3))).toBe(200);
  await spans.shutdown();
  expect(lines.filter(({ type }) => type === 'span')).toHaveLength(3);
  expect(exported()).toEqual([]);
});

test.each([{}, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_SDK_DISABLED: 'true' }])(
  'with %j they stay in the mirror, without a word',
  async (env) => {
    const { spans, lines, log, send } = await open(env);
    expect(await send(spans.relay.url, exportOf(3))).toBe(200);
    await spans.shutdown();
    spans.tellUnsent();
    expect(lines.filter(({ type }) => type === 'span')).toHaveLength(3);
    expect(log).toEqual([]);
  },
);

test('a collector that is away costs the spans alone, told once at first and once at the end', async () => {
  const { spans, lines, log, send } = await open({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    OTEL_EXPORTER_OTLP_TIMEOUT: '100',
    OTEL_BSP_MAX_QUEUE_SIZE: '8',
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '8',
  });
  for (let index = 0; index < 4; index++) expect(await send(spans.relay.url, exportOf(16))).toBe(200);
  await spans.shutdown();
  spans.tellUnsent();
  expect(lines.filter(({ type }) => type === 'span')).toHaveLength(64);
  expect(log.map(({ msg }) => msg)).toEqual([
    'spans of the backend cannot be exported; those that wait too long are lost',
    'spans of the backend were not exported before the gateway ended',
  ]);
});

test('others have their turn while a big export is worked on', async () => {
  let before = 0;
  const { spans, lines, send } = await open({}, ({ length }) => {
    if (length === 1) setImmediate(() => (before = lines.length));
  });
  await send(spans.mirrorUrl, exportOf(512));
  expect(lines).toHaveLength(1024);
  expect(before).toBeLessThan(100);
});

test('an export that was read is written before closing is over', async () => {
  let closed: Promise<void> | undefined;
  const { spans, lines, send } = await open({}, ({ length }) => {
    if (length === 1) closed = spans.close();
  });
  // Its sender is gone by then, and gets no answer.
  await expect(send(spans.mirrorUrl, exportOf(100))).rejects.toThrow();
  await closed;
  expect(lines).toHaveLength(200);
});

test.each([
  ['no JSON', 'nothing', 'application/json', 400],
  ['another encoding', '{}', 'application/x-protobuf', 415],
])('%s is refused', async (_, body, type, status) => {
  const { spans, post } = await open();
  expect((await post(spans.relay.url, body, type)).status).toBe(status);
});

test.each([
  ['no token', {}],
  ['another token', { 'x-throughline-token': '0'.repeat(32) }],
  ['another token of other letters', { 'x-throughline-token': '\u00e9'.repeat(32) }],
])(
  'an export to the URL on the command line with %s is refused, and nothing is written',
  async (_, headers) => {
    const { spans, lines } = await open();
    const body = JSON.stringify(exportOf(1));
    const type = { 'content-type': 'application/json' };
    const response = await fetch(spans.relay.url, { method: 'POST', body, headers: { ...type, ...headers } });
    expect(response.status).toBe(401);
    expect(lines).toEqual([]);
  },
);
