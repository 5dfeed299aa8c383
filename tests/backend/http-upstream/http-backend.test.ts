import type { HttpBackendSettings } from '../../../src/gateway/http-backend-settings.ts';
import { closeAfterEach } from '../../support/close-after-each.ts';
import { eventsOf } from '../../support/fake-span.ts';
import { bodyOf, relayRequestOf, statusOf, testBackend } from '../../support/http-backend.ts';
import { type Answer, answerJson, startHttpServer } from '../../support/http-server.ts';

const keep = closeAfterEach();

const start = async (answer: Answer, over: Partial<HttpBackendSettings> = {}) => {
  const server = keep(await startHttpServer(answer));
  const test = testBackend(server.origin, over);
  keep({ close: () => test.backend.abandon() });
  return { server, ...test };
};
const inTurn =
  (...answers: Answer[]): Answer =>
  (response, request, count) =>
    answers[Math.min(count, answers.length) - 1]?.(response, request, count);

const OK = answerJson(200, { ok: true });

test('a request goes on as its client wrote it, and its answer comes back as it is', async () => {
  const { server, relay, span } = await start(OK);
  const text = '{ "model":"m", "seed":12345678901234567890, "x":1.0 }';
  const running = await relay({ body: { type: 'bytes', bytes: Buffer.from(text) } });
  expect([statusOf(running), await bodyOf(running)]).toEqual([200, '{"ok":true}']);
  expect(server.requests).toMatchObject([{ method: 'POST', url: '/v1/chat/completions', body: text }]);
  expect(running).toMatchObject({ resends: 0, model: 'm', server: { address: '127.0.0.1' } });
  expect(running.sentNs).toBeGreaterThan(running.requestedNs);
  expect(span.children).toMatchObject([
    {
      name: 'POST',
      kind: 'CLIENT',
      ended: true,
      failure: null,
      attributes: {
        'http.request.method': 'POST',
        'http.response.status_code': 200,
        'server.address': '127.0.0.1',
        'url.path': '/v1/chat/completions',
        'url.template': '/v1/chat/completions',
        'network.protocol.version': '1.1',
      },
    },
  ]);
});

/** What a client sends besides what may go on; all of it would tell a server too much. */
const PRIVATE = {
  cookie: 'session=1',
  'x-api-key': 'client-key',
  'x-forwarded-for': '10.0.0.1',
  traceparent: `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01`,
  tracestate: 'client=1',
  baggage: 'user=1',
};
const ALLOWED = {
  'content-type': 'application/json',
  'user-agent': 'throughline/1.2.3',
  'accept-encoding': 'identity',
  'x-request-id': 'req_1',
};

test.each([
  ['that is not trusted', { key: 'own-key' }, { authorization: 'Bearer own-key' }],
  ['without a key', {}, {}],
  [
    "that gets its clients' keys",
    { key: 'own-key', auth: 'forward' as const },
    { authorization: 'Bearer client-key' },
  ],
])('a server %s sees the allowed headers alone', async (_, settings, more) => {
  const { server, relay } = await start(OK, settings);
  await bodyOf(await relay({ headers: { ...relayRequestOf({}).headers, ...PRIVATE } }));
  const {
    host: _host,
    connection: _connection,
    'content-length': _length,
    ...sent
  } = server.requests[0]?.headers ?? {};
  expect(sent).toEqual({ ...ALLOWED, ...more });
});

test('a trusted server gets the context of the attempt, and its ids in the body where that is asked for', async () => {
  const { server, relay, span } = await start(OK, { trust: true, metadata: true });
  await bodyOf(await relay({ headers: { ...relayRequestOf({}).headers, ...PRIVATE } }));
  const [attempt] = span.children;
  const {
    host: _host,
    connection: _connection,
    'content-length': _length,
    ...sent
  } = server.requests[0]?.headers ?? {};
  expect(sent).toEqual({ ...ALLOWED, ...attempt?.carrier(), 'x-upstream-service': 'throughline' });
  expect(server.requests[0]?.body).toBe(
    '{"model":"m","metadata":{"request_id":"req_1","source_service":"throughline"}}',
  );
});

test('an attempt says what it sent, without its key', async () => {
  const { relay, span } = await start(OK, { key: 'own-key' });
  await bodyOf(await relay({}, { model: 'other' }));
  const [event] = eventsOf(span.children[0] ?? span, 'upstream_request');
  expect(event).toMatchObject({
    payload: { model: 'other' },
    about: {
      method: 'POST',
      path: '/v1/chat/completions',
      headers: { 'x-request-id': 'req_1' },
      body_bytes: 17,
    },
  });
  expect(JSON.stringify(event)).not.toContain('own-key');
});

test('ids in a path are sent, and make no template', async () => {
  const { server, relay, span } = await start(OK);
  const target = '/responses/resp_1/input_items?limit=2';
  await bodyOf(
    await relay({ api: 'responses', method: 'GET', target, body: { type: 'none' }, value: undefined }),
  );
  expect(server.requests[0]?.url).toBe(`/v1${target}`);
  expect(span.children[0]?.attributes['url.template']).toBe('/v1/responses/{id}/input_items');
});

const STREAM = relayRequestOf({ model: 'm', stream: true });
const hidesUsage = async (running: Promise<{ result: { type: string } }>): Promise<unknown> =>
  (await running).result;

test('usage is asked for in a stream whose client did not, and is hidden', async () => {
  const { server, relay } = await start(OK);
  expect(await hidesUsage(relay(STREAM))).toMatchObject({ answer: { hidesUsage: true } });
  expect(server.requests[0]?.body).toBe(
    '{"model":"m","stream":true,"stream_options":{"include_usage":true}}',
  );
  const asked = relayRequestOf({ model: 'm', stream: true, stream_options: { include_usage: true } });
  expect(await hidesUsage(relay(asked))).toMatchObject({ answer: { hidesUsage: false } });
});

test('a server that refuses to be asked for usage is asked without, and remembered', async () => {
  const refusal = answerJson(400, { error: { message: 'Unrecognized field: stream_options' } });
  const { server, relay } = await start(inTurn(refusal, OK));
  expect(await hidesUsage(relay(STREAM))).toMatchObject({ answer: { status: 200, hidesUsage: false } });
  await relay(STREAM);
  expect(server.requests.map(({ body }) => body.includes('stream_options'))).toEqual([true, false, false]);
});

test('a client whose words a refusal repeats does not keep the gateway from asking for usage', async () => {
  const refusal = answerJson(422, { detail: [{ msg: 'no list', input: 'stream_options' }] });
  const { server, relay } = await start(inTurn(refusal, refusal, OK));
  expect(statusOf(await relay(STREAM))).toBe(422);
  await relay(STREAM);
  expect(server.requests.map(({ body }) => body.includes('stream_options'))).toEqual([true, false, true]);
});

test('another refusal of a stream reaches the client whole', async () => {
  const { server, relay } = await start(answerJson(422, { detail: 'model' }));
  const running = await relay(STREAM);
  expect([statusOf(running), await bodyOf(running)]).toEqual([422, '{"detail":"model"}']);
  expect(server.requests).toHaveLength(1);
});

test('letting go of a request that runs cuts its connection', async () => {
  const { server, relay } = await start((response) => response.write('a'));
  const running = await relay();
  running.release();
  running.release();
  await server.until(() => server.open.size === 0, 'the end of the connection');
});

test.each([
  ['https://api.openai.com/v1', 'main', 'openai'],
  ['http://127.0.0.1:1/v1', 'vLLM', 'vllm'],
  ['http://127.0.0.1:1/v1', 'the second one', 'openai_compatible'],
])('the provider of %s, named %s, is %s', (url, name, provider) => {
  expect(testBackend('http://127.0.0.1:1', { url: new URL(url), name }).backend.provider).toBe(provider);
});
