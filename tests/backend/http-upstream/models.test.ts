import { GatewayError } from '../../../src/errors.ts';
import type { HttpBackendSettings } from '../../../src/gateway/http-backend-settings.ts';
import { closeAfterEach } from '../../support/close-after-each.ts';
import { createFakeSpan } from '../../support/fake-span.ts';
import { testBackend } from '../../support/http-backend.ts';
import { type Answer, answerJson, closedOrigin, startHttpServer } from '../../support/http-server.ts';
import { rejectionOf } from '../../support/thrown.ts';

const keep = closeAfterEach();

const before = (origin: string, over: Partial<HttpBackendSettings> = {}) => {
  const test = testBackend(origin, over);
  keep({ close: () => test.backend.abandon() });
  const models = (signal = new AbortController().signal) => {
    const span = createFakeSpan('backend_submission');
    return {
      span,
      ids: test.backend.models({ span, signal, reqId: 'req_1' }).then((all) => all.map(({ id }) => id)),
    };
  };
  return { ...test, models };
};
const start = async (answer: Answer, over: Partial<HttpBackendSettings> = {}) => {
  const server = keep(await startHttpServer(answer));
  return { server, ...before(server.origin, over) };
};
const listing = (...ids: unknown[]): Answer =>
  answerJson(200, { object: 'list', data: ids.map((id) => ({ id })) });

test('a name that is too long for any model is none: names are remembered', async () => {
  const { models, backend } = await start(listing('x'.repeat(513), 'y'.repeat(512)));
  expect(await models().ids).toEqual(['y'.repeat(512)]);
  expect(backend.knows('x'.repeat(513))).toBe(false);
});

test('all models of a server are listed, each once, with its key and a span of the request', async () => {
  const names = Array.from({ length: 250 }, (_, index) => `model-${index}`);
  const { server, models, backend } = await start(listing(...names, 'model-1', 7, ''), { key: 'own-key' });
  const { ids, span } = models();
  expect(await ids).toEqual(names);
  expect(server.requests).toMatchObject([
    {
      method: 'GET',
      url: '/v1/models',
      headers: { authorization: 'Bearer own-key', 'x-request-id': 'req_1' },
    },
  ]);
  expect(span.children).toMatchObject([
    { name: 'GET', kind: 'CLIENT', ended: true, attributes: { 'url.template': '/v1/models' } },
  ]);
  expect([backend.knows('model-249'), backend.knows('other')]).toEqual([true, false]);
  expect(backend.state).toMatchObject({ up: true, reason: null, circuit: { state: 'closed' } });
});

test('a server is not asked again within a second', async () => {
  let name = 'a';
  const { models, timers, backend } = await start((...args) => listing(name)(...args));
  expect(await models().ids).toEqual(['a']);
  name = 'b';
  timers.advance(999);
  expect(await models().ids).toEqual(['a']);
  timers.advance(1);
  expect(await models().ids).toEqual(['b']);
  expect([backend.knows('a'), backend.knows('b')]).toEqual([true, true]);
});

test('one question is asked for all who come meanwhile, and who leaves does not end it for the others', async () => {
  const asked = Promise.withResolvers<() => void>();
  const { server, models } = await start((response, ...rest) =>
    asked.resolve(() => listing('a')(response, ...rest)),
  );
  const leaving = new AbortController();
  const first = models(leaving.signal);
  const second = models();
  const answer = await asked.promise;
  leaving.abort(new GatewayError('client_disconnected', 'It left.'));
  expect(await rejectionOf(first.ids)).toMatchObject({ code: 'client_disconnected' });
  answer();
  expect(await second.ids).toEqual(['a']);
  expect(server.requests).toHaveLength(1);
});

test.each([
  ['a 404', answerJson(404, {}), 'it answered 404 to GET /models'],
  ['a 401', answerJson(401, {}), 'it answered 401 to GET /models'],
  ['no list', answerJson(200, { models: [] }), 'its answer to GET /models is no list'],
  [
    'no JSON',
    ((response) => response.end('<html>')) satisfies Answer,
    'its answer to GET /models is no list',
  ],
])('a server that answers with %s is up, and lists nothing', async (_, answer, reason) => {
  const { models, backend, timers } = await start(answer);
  expect(await models().ids).toEqual([]);
  expect(backend.state).toMatchObject({ up: true, reason });
  expect(timers.pending).toBe(0);
});

test('a server that is not up is asked every few seconds until it answers', async () => {
  let isUp = false;
  const { server, backend, timers } = await start((response, request, count) =>
    isUp ? listing('a')(response, request, count) : response.destroy(),
  );
  await backend.refresh();
  expect(backend.state).toMatchObject({ up: false });
  timers.advance(3_000);
  await server.until(() => server.requests.length === 2, 'the second question');
  await backend.refresh();
  isUp = true;
  timers.advance(3_000);
  await backend.refresh();
  expect(backend.state).toMatchObject({ up: true, reason: null });
  expect(timers.pending).toBe(0);
});

test('where nobody listens, the list is an error, and the reason names no address', async () => {
  const { models, backend } = before(await closedOrigin());
  expect(backend.state).toMatchObject({ up: false, reason: 'it has not been asked yet' });
  expect(await rejectionOf(models().ids)).toMatchObject({ code: 'backend_unreachable' });
  expect(backend.state).toMatchObject({
    up: false,
    reason: 'The backend "next" cannot be reached (ECONNREFUSED).',
  });
});

test('a server that goes away is found to be away, and what it had listed stays known', async () => {
  const { server, models, backend, timers } = await start(listing('a'));
  await models().ids;
  await server.close();
  timers.advance(1_000);
  expect(await rejectionOf(models().ids)).toMatchObject({ code: 'backend_unreachable' });
  expect([backend.state.up, backend.knows('a')]).toEqual([false, true]);
});

test('a request that cannot connect has the server asked at once', async () => {
  const { server, models, backend, relay } = await start(listing('a'));
  await models().ids;
  await server.close();
  await rejectionOf(relay());
  await backend.refresh();
  expect(backend.state.up).toBe(false);
});

test('a list that does not come in its time is given up', async () => {
  const { server, models, timers } = await start(() => undefined);
  const { ids } = models();
  await server.until(() => server.requests.length === 1, 'the question');
  timers.advance(10_000);
  expect(await rejectionOf(ids)).toMatchObject({ code: 'backend_first_byte_timeout' });
});

test('a backend that is closed asks nobody any more', async () => {
  const { backend, timers } = before(await closedOrigin());
  await backend.refresh();
  await backend.close();
  await backend.close();
  expect(timers.pending).toBe(0);
  await backend.refresh();
  expect(timers.pending).toBe(0);
});

test('of a list that is too long nothing is read', async () => {
  const { models, backend } = await start((response) =>
    response.end(`{"data":[],"x":"${'x'.repeat(9_000_000)}"}`),
  );
  expect(await models().ids).toEqual([]);
  expect(backend.state).toMatchObject({ up: true, reason: 'its answer to GET /models is no list' });
});
