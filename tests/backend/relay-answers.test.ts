import { createRelayIo } from '../../src/backend/relay-io.ts';
import type { RelayEvent } from '../../src/gateway/relay.ts';
import type { Outcome } from '../../src/telemetry/phases.ts';
import { createFakeExchange } from '../support/fake-exchange.ts';
import { payloadsOf } from '../support/fake-span.ts';
import { countingPace } from '../support/pace.ts';
import { type AnswerParts, aRelayAnswer, reads, takeInto, tellRelay } from '../support/relay-answers.ts';

const failing = (status: number, body = '{"error":{"message":"No."}}', more: AnswerParts = {}) =>
  aRelayAnswer({ ...more, answer: { status, bytes: reads(body) } });

test.each<[number, Outcome, string]>([
  [400, 'invalid_request', 'backend_refused_request'],
  [401, 'backend_error', 'backend_error'],
  [403, 'backend_error', 'backend_error'],
  [404, 'not_found', 'model_not_found'],
  [408, 'timeout', 'backend_timeout'],
  [409, 'invalid_request', 'backend_refused_request'],
  [413, 'invalid_request', 'backend_refused_request'],
  [422, 'invalid_request', 'backend_refused_request'],
  [429, 'rate_limited', 'rate_limit_exceeded'],
  [500, 'backend_error', 'backend_error'],
  [503, 'overloaded', 'backend_overloaded'],
  [504, 'timeout', 'backend_timeout'],
  [529, 'overloaded', 'backend_overloaded'],
  [418, 'backend_error', 'backend_error'],
])('an answer with %i ends its request as %s', async (status, outcome, code) => {
  const { end, span } = await tellRelay(failing(status));
  expect(end.error).toMatchObject({
    status,
    outcome,
    code,
    message: `The backend "next" answered ${status}.`,
  });
  expect(span).toMatchObject({
    failure: { type: code, message: 'No.' },
    attributes: { outcome, 'http.response.status_code': status, 'throughline.upstream.error.message': 'No.' },
  });
});

test("a key of the client's own that is refused is the client's matter", async () => {
  const { end } = await tellRelay(failing(401, undefined, { forwardsKey: true }));
  expect(end.error).toMatchObject({ outcome: 'unauthorized', status: 401 });
});

test('what is not there without any model asked is no missing model', async () => {
  const request = { api: 'responses', method: 'GET', target: '/responses/resp_1' } as const;
  const { end, span } = await tellRelay(failing(404, '{}', { request }));
  expect(end.error).toMatchObject({ outcome: 'not_found', code: 'route_not_found', status: 404 });
  expect(span.attributes).not.toHaveProperty('gen_ai.operation.name', expect.anything());
});

test('a conversation that is too long is known as such', async () => {
  const { end } = await tellRelay(failing(400, '{"error":{"message":"x","code":"context_length_exceeded"}}'));
  expect(end.error).toMatchObject({ code: 'context_length_exceeded', status: 400 });
});

test('an error gets our ids, and says who failed when', async () => {
  const { text } = await tellRelay(failing(503, '{"error":{"message":"No."}}'));
  expect(JSON.parse(text)).toEqual({
    error: {
      message: 'No.',
      request_id: 'req_1',
      trace_id: 'a'.repeat(32),
      service: 'throughline',
      timestamp: '1970-01-01T00:00:00.000Z',
      cause: 'The backend "next" answered 503.',
      cause_type: 'backend_overloaded',
    },
  });
});

test('words of a gateway before this one are told of as its own', async () => {
  const error = {
    ...{ message: 'No.', request_id: 'req_0', service: 'other', cause: 'Full.', cause_type: 'queue_full' },
    ...{ timestamp: '2026-01-01T00:00:00.000Z' },
  };
  const { text, span } = await tellRelay(failing(503, JSON.stringify({ error })));
  expect(JSON.parse(text)).toMatchObject({
    error: { ...error, hops: [{ service: 'throughline', request_id: 'req_1' }] },
  });
  expect(span.attributes).toMatchObject({
    'throughline.upstream.error.request_id': 'req_0',
    'throughline.upstream.error.service': 'other',
    'throughline.upstream.error.cause': 'Full.',
    'throughline.upstream.error.cause_type': 'queue_full',
  });
});

test('a response that is read again is not counted again', async () => {
  const body = JSON.stringify({
    ...{ id: 'resp_1', status: 'failed', error: { message: 'It broke.' }, model: 'm' },
    usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 },
  });
  const request = { api: 'responses', method: 'GET', target: '/responses/resp_1?include=x' } as const;
  const { end, text, span } = await tellRelay(aRelayAnswer({ request, answer: { bytes: reads(body) } }));
  expect(end).toMatchObject({ usage: null, error: null });
  expect(text).toBe(body);
  expect(span.attributes).not.toHaveProperty('gen_ai.usage.input_tokens');
});

test.each([
  ['audio/mpeg', {}],
  ['application/json', { 'content-encoding': 'gzip' }],
  ['text/event-stream', { 'content-encoding': 'br' }],
])('%s with %j is told of by its size alone', async (type, more) => {
  const headers = { 'content-type': type, ...more };
  const { events, span } = await tellRelay(aRelayAnswer({ answer: { headers, bytes: reads('abc', 'de') } }));
  expect(events.map((event) => event.type)).toEqual(['head', 'bytes', 'bytes', 'end']);
  expect(payloadsOf(span, 'upstream_chunk')).toEqual([]);
  expect(span.attributes).toMatchObject({ 'throughline.upstream.bytes': 5, outcome: 'completed' });
});

test('a whole answer that is too long to be held goes on as it comes', async () => {
  const piece = Buffer.alloc(1024 * 1024, 0x20);
  const { events, bytes } = await tellRelay(
    aRelayAnswer({ answer: { bytes: reads(...Array.from({ length: 10 }, () => piece)) } }),
  );
  expect(events[0]).toMatchObject({ type: 'head', kind: 'bytes' });
  expect(events.slice(1, -1).map((event) => ('bytes' in event ? event.bytes.length : 0))).toEqual([
    9 * 1024 * 1024,
    1024 * 1024,
  ]);
  expect(bytes).toHaveLength(10 * 1024 * 1024);
});

test.each([204, 304])('an answer with %i has nothing but its head', async (status) => {
  const { events, end } = await tellRelay(aRelayAnswer({ answer: { status, headers: {}, bytes: reads() } }));
  expect(events.map((event) => event.type)).toEqual(['head', 'whole', 'end']);
  expect(end.error).toBeNull();
});

test('a server that says nothing of the type is believed to send the stream that it was asked for', async () => {
  const { events } = await tellRelay(
    aRelayAnswer({ request: { stream: true }, answer: { headers: {}, bytes: reads('data: [DONE]\n\n') } }),
  );
  expect(events[0]).toMatchObject({ kind: 'stream' });
});

test('a stream that its server does not close is over a moment after its last frame', async () => {
  const { promise: cut, reject } = Promise.withResolvers<never>();
  async function* neverEnding(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('data: {"choices":[{"finish_reason":"stop"}]}\n\n');
    yield Buffer.from('data: [DONE]\n\n');
    await cut;
  }
  const asked: number[] = [];
  const answer = aRelayAnswer({
    type: 'text/event-stream',
    answer: { bytes: neverEnding() },
  });
  const running = { ...answer.running, release: () => reject(new Error('released')) };
  const { end } = await tellRelay({ ...answer, running }, undefined, {
    later(ms, run) {
      asked.push(ms);
      queueMicrotask(run);
      return () => undefined;
    },
  });
  expect(asked).toEqual([1_000]);
  expect(end).toMatchObject({ error: null, finishReason: 'stop' });
});

test('a read of very many events is told of in several turns, and its bytes go out once', async () => {
  const { pace, turns } = countingPace();
  const text = 'data: {}\n\n'.repeat(1_000);
  const answer = aRelayAnswer({ type: 'text/event-stream', answer: { bytes: reads(text) } });
  const events: RelayEvent[] = [];
  await createRelayIo({ pace })(createFakeExchange(), answer)(takeInto(events));
  const told = events.flatMap((event) => (event.type === 'frames' ? [event] : []));
  expect(told.map(({ frames }) => frames.length).reduce((sum, count) => sum + count)).toBe(1_000);
  expect(Math.max(...told.map(({ frames }) => frames.length))).toBeLessThan(100);
  expect(told.filter(({ bytes }) => bytes.length > 0).map(({ bytes }) => String(bytes))).toEqual([text]);
  expect(turns()).toBeGreaterThan(10);
});
