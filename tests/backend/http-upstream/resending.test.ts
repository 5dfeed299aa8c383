import { RelayFailure } from '../../../src/backend/http-upstream/relay/failure.ts';
import { GatewayError } from '../../../src/errors.ts';
import type { HttpBackendSettings } from '../../../src/gateway/http-backend-settings.ts';
import { closeAfterEach } from '../../support/close-after-each.ts';
import { eventsOf } from '../../support/fake-span.ts';
import { bodyOf, statusOf, testBackend } from '../../support/http-backend.ts';
import {
  type Answer,
  answerJson,
  closedOrigin,
  startHttpServer,
  startRawServer,
} from '../../support/http-server.ts';
import { rejectionOf } from '../../support/thrown.ts';

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
const BUSY = answerJson(503, { error: { message: 'busy' } });

const failureOf = async (promise: Promise<unknown>): Promise<RelayFailure> => {
  const thrown = await rejectionOf(promise);
  if (thrown instanceof RelayFailure) return thrown;
  throw thrown;
};

test('an answer that is an error of the client is not asked for again', async () => {
  const { server, relay, span } = await start(answerJson(404, { error: { message: 'no' } }));
  expect(statusOf(await relay({}, { canFailOver: true }))).toBe(404);
  expect(server.requests).toHaveLength(1);
  expect(span.children[0]?.failure).toMatchObject({ type: '404' });
});

test.each([429, 502, 503, 504])('a request that gets %d is sent again after a pause', async (status) => {
  const { server, relay, waits, span } = await start(inTurn(answerJson(status, { why: 'w' }), OK));
  const running = await relay();
  expect([statusOf(running), running.resends]).toEqual([200, 1]);
  expect(server.requests).toHaveLength(2);
  expect(waits).toEqual([250]);
  expect(span.children.map(({ attributes }) => attributes['http.request.resend_count'])).toEqual([
    undefined,
    1,
  ]);
  expect(eventsOf(span.children[0] ?? span, 'upstream_response')).toMatchObject([
    { statusCode: status, payload: { why: 'w' } },
  ]);
});

test('it is sent again twice at most, and the last answer is the answer', async () => {
  const { server, relay, waits } = await start(BUSY);
  const running = await relay();
  expect([statusOf(running), running.resends, await bodyOf(running)]).toEqual([
    503,
    2,
    '{"error":{"message":"busy"}}',
  ]);
  expect(server.requests).toHaveLength(3);
  expect(waits).toEqual([250, 500]);
});

test('where another backend can be asked, the last answer is a failure', async () => {
  const { relay } = await start(BUSY);
  const { running } = await failureOf(relay({}, { canFailOver: true }));
  expect([statusOf(running), await bodyOf(running)]).toEqual([503, '{"error":{"message":"busy"}}']);
});

test('`Retry-After` is honoured up to its bound, and within the deadline', async () => {
  const waiting = (seconds: string) => inTurn(answerJson(429, {}, { 'retry-after': seconds }), OK);
  const patient = await start(waiting('7'));
  expect(statusOf(await patient.relay())).toBe(200);
  expect(patient.waits).toEqual([7_000]);
  const long = await start(waiting('11'));
  const answer = await long.relay();
  expect([statusOf(answer), answer.result]).toMatchObject([
    429,
    { answer: { headers: { 'retry-after': '11' } } },
  ]);
  const short = await start(waiting('7'));
  expect(statusOf(await short.relay({}, { remainingMs: () => 6_000 }))).toBe(429);
  const elsewhere = await start(waiting('7'));
  expect(statusOf((await failureOf(elsewhere.relay({}, { canFailOver: true }))).running)).toBe(429);
});

test('a server that says so is not asked again', async () => {
  const { server, relay } = await start(answerJson(429, {}, { 'x-should-retry': 'false' }));
  expect(statusOf(await relay())).toBe(429);
  expect(server.requests).toHaveLength(1);
});

test('a stream that has been sent is never sent again', async () => {
  const { server, relay } = await start(BUSY);
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('abc');
  }
  const body = { type: 'stream', size: 3, chunks: chunks() } as const;
  expect(statusOf(await relay({ body, value: undefined }, { canFailOver: true }))).toBe(503);
  expect(server.requests.map(({ body: sent }) => sent)).toEqual(['abc']);
});

test('a server that takes no connection is tried again, then is an error or a failure', async () => {
  const origin = await closedOrigin();
  const alone = testBackend(origin);
  expect(await rejectionOf(alone.relay())).toMatchObject({ code: 'backend_unreachable' });
  expect(alone.span.children).toHaveLength(3);
  const besides = testBackend(origin);
  const { running } = await failureOf(besides.relay({}, { canFailOver: true }));
  expect(statusOf(running)).toBe('backend_unreachable');
});

test('a connection that was closed while it was idle costs one more attempt, without a pause', async () => {
  const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
  const server = keep(
    await startRawServer((socket, count) => {
      let requests = 0;
      socket.on('data', () => {
        if (++requests > 1 && count === 1) socket.destroy();
        else socket.write(answer);
      });
    }),
  );
  const { relay, waits, backend } = testBackend(server.origin);
  keep({ close: () => backend.abandon() });
  await bodyOf(await relay());
  await new Promise(setImmediate);
  const running = await relay();
  expect([await bodyOf(running), running.resends, waits]).toEqual(['ok', 1, []]);
});

test('a new connection that breaks is not tried again, nor is another backend', async () => {
  const server = keep(await startRawServer((socket) => socket.on('data', () => socket.destroy())));
  const { relay, span, backend } = testBackend(server.origin);
  keep({ close: () => backend.abandon() });
  expect(statusOf(await relay({}, { canFailOver: true }))).toBe('backend_error');
  expect(span.children).toMatchObject([{ failure: { type: 'backend_error' }, ended: true }]);
});

test('nobody waits for a pause of a client that left', async () => {
  const controller = new AbortController();
  const { server, relay } = await start((response, request, count) => {
    BUSY(response, request, count);
    controller.abort(new GatewayError('client_disconnected', 'It left.'));
  });
  const thrown = await rejectionOf(
    relay({}, { signal: controller.signal }).then((running) => {
      if (running.result.type === 'failed') throw running.result.error;
    }),
  );
  expect(thrown).toMatchObject({ code: 'client_disconnected' });
  expect(server.requests).toHaveLength(1);
});
