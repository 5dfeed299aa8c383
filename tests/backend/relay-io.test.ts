import { createRelayIo } from '../../src/backend/relay-io.ts';
import { GatewayError } from '../../src/errors.ts';
import { UPSTREAM_CASES } from '../fixtures/upstream/index.ts';
import { chunk, DONE, events } from '../fixtures/upstream/upstream-case.ts';
import { clientLeft, createFakeExchange } from '../support/fake-exchange.ts';
import { aRunningRelay } from '../support/fake-relay.ts';
import { eventsOf, payloadsOf } from '../support/fake-span.ts';
import { noPace } from '../support/pace.ts';
import { answerOfCase, aRelayAnswer, reads, tellRelay } from '../support/relay-answers.ts';

const STREAM = 'text/event-stream';
const HI = chunk({ content: 'Hi' });
const STOP = chunk({}, 'stop', { usage: { prompt_tokens: 10, completion_tokens: 6, total_tokens: 16 } });
const good = () => ({ bytes: reads(events(HI, STOP, DONE)) });
const broken = new GatewayError('backend_error', 'The backend "next" closed the connection.');

describe.each(
  UPSTREAM_CASES.map((entry) => [`${entry.status} ${entry.contentType} ${entry.name}`, entry] as const),
)('%s', (_, entry) => {
  test('is told as it is', async () => {
    const { end, events: told, text } = await tellRelay(answerOfCase(entry));
    const { usage, finishReason, error, isCut } = entry.expected;
    expect(end).toMatchObject({ usage, finishReason });
    expect(end.error !== null).toBe(error !== null || isCut);
    expect(end.usageComplete).toBe(usage !== null && end.error === null);
    expect(told[0]).toMatchObject({ type: 'head', status: entry.status });
    if (entry.status < 400) expect(text).toBe(Buffer.concat(entry.chunks).toString());
  });
});

test('the span says whom was asked, for what, and what came of it', async () => {
  const clock = { ns: 9_000_000n };
  const value = {
    ...{ model: 'fast', stream: true, temperature: 0.5, top_p: 1, max_tokens: 7, seed: 3, n: 2, stop: 'END' },
    ...{ frequency_penalty: 0.1, presence_penalty: 'much' },
  };
  const { span, exchange } = await tellRelay(
    aRelayAnswer({
      request: { value, stream: true },
      running: { requestedNs: 1_000_000n, sentNs: 4_000_000n, connectMs: 2, resends: 1, model: 'm' },
    }),
    createFakeExchange({ clock }),
  );
  expect(exchange.facts.responseModel).toBeNull();
  expect(span.kind).toBe('CLIENT');
  expect(span.attributes).toMatchObject({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'm',
    'gen_ai.request.stream': true,
    'gen_ai.request.temperature': 0.5,
    'gen_ai.request.top_p': 1,
    'gen_ai.request.max_tokens': 7,
    'gen_ai.request.seed': 3,
    'gen_ai.request.choice.count': 2,
    'gen_ai.request.stop_sequences': ['END'],
    'gen_ai.request.frequency_penalty': 0.1,
    'openai.api.type': 'chat_completions',
    'server.address': '127.0.0.1',
    'server.port': 80,
    'http.response.status_code': 200,
    'throughline.upstream.connect_ms': 2,
    'throughline.upstream.resends': 1,
    'throughline.upstream.head_ms': 5,
  });
  expect(span.attributes).not.toHaveProperty('gen_ai.request.presence_penalty', expect.anything());
});

test('the span says what the answer is, what it has used, and when it came', async () => {
  const { span, exchange, end } = await tellRelay(
    aRelayAnswer({ type: STREAM, answer: good(), running: { sentNs: 1_000_000n } }),
    createFakeExchange({ clock: { ns: 3_000_000n } }),
  );
  expect(exchange.facts.times.upstreamMs).toBe(3);
  expect(span.attributes).toMatchObject({
    'gen_ai.response.id': 'chatcmpl-1',
    'gen_ai.response.model': 'm-1',
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.response.time_to_first_chunk': 0.003,
    'gen_ai.usage.input_tokens': 10,
    'gen_ai.usage.output_tokens': 6,
    'throughline.upstream.first_token_ms': 2,
    'throughline.upstream.last_byte_ms': 2,
    'throughline.upstream.bytes': events(HI, STOP, DONE).length,
    outcome: 'completed',
  });
  expect(span).toMatchObject({ ended: true, failure: null });
  expect(exchange.facts.responseModel).toBe('m-1');
  expect(end).toMatchObject({ firstTokenNs: 3_000_000n, usageComplete: true, error: null });
});

test('the span has the head, and one event for each frame, whatever the reads', async () => {
  const { span } = await tellRelay(
    aRelayAnswer({ type: STREAM, answer: { bytes: reads(...events(HI, STOP, DONE)) } }),
  );
  expect(eventsOf(span, 'upstream_response')).toMatchObject([
    { statusCode: 200, about: { status: 200, headers: { 'content-type': STREAM } } },
  ]);
  expect(eventsOf(span, 'upstream_chunk').map(({ bulk }) => bulk)).toEqual([true, false, false]);
});

test('each call of a tool is told when all of it has come', async () => {
  const tool_calls = [{ index: 0, id: 'call_a', function: { name: 'add', arguments: '{"a":1}' } }];
  const { span } = await tellRelay(
    aRelayAnswer({
      type: STREAM,
      answer: { bytes: reads(events(chunk({ tool_calls }), chunk({}, 'tool_calls'), DONE)) },
    }),
  );
  expect(payloadsOf(span, 'tool_block')).toEqual([
    { step: 'start', call_id: 'call_a', name: 'add', type: 'function' },
    { step: 'arguments', call_id: 'call_a', name: 'add', arguments: '{"a":1}' },
  ]);
});

test('what the client did not ask for is told, and not handed on', async () => {
  const usage = { choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } };
  const plain = events(HI, chunk({}, 'stop'));
  const {
    text,
    span,
    end,
    events: told,
  } = await tellRelay(
    aRelayAnswer({
      type: STREAM,
      answer: { hidesUsage: true, bytes: reads(plain, events(usage), events(DONE)) },
    }),
  );
  expect(text).toBe(plain + events(DONE));
  expect(eventsOf(span, 'upstream_chunk')).toHaveLength(4);
  expect(told.flatMap((event) => (event.type === 'frames' ? event.frames : []))).toHaveLength(3);
  expect(end.usage?.total_tokens).toBe(3);
});

describe('an answer that breaks off', () => {
  test('between two events', async () => {
    const { last, span } = await tellRelay(
      aRelayAnswer({ type: STREAM, answer: { bytes: reads(events(HI), broken) } }),
    );
    expect(last).toMatchObject({ type: 'failed', error: broken, inFrame: false });
    expect(span).toMatchObject({ ended: true, failure: { type: 'backend_error' } });
  });

  test('in the middle of an event', async () => {
    const { last } = await tellRelay(
      aRelayAnswer({ type: STREAM, answer: { bytes: reads(events(HI), 'data: {', broken) } }),
    );
    expect(last).toMatchObject({ type: 'failed', inFrame: true });
  });

  test('behind its last frame has all that it should', async () => {
    const { last, span } = await tellRelay(
      aRelayAnswer({ type: STREAM, answer: { bytes: reads(events(HI, STOP, DONE), broken) } }),
    );
    expect(last).toMatchObject({ type: 'end', end: { error: null, finishReason: 'stop' } });
    expect(span.failure).toBeNull();
  });

  test('before its end, where it is whole, is handed on in no part', async () => {
    const { events: told } = await tellRelay(aRelayAnswer({ answer: { bytes: reads('{"id"', broken) } }));
    expect(told).toMatchObject([{ type: 'failed', error: broken }]);
  });

  test('where nothing is known of its bytes', async () => {
    const { events: told, last } = await tellRelay(
      aRelayAnswer({ type: 'audio/mpeg', answer: { bytes: reads('abc', broken) } }),
    );
    expect(told.map(({ type }) => type)).toEqual(['head', 'bytes', 'failed']);
    expect(last).toMatchObject({ inFrame: true });
  });

  test('since the client has left is no failure of the backend', async () => {
    const exchange = createFakeExchange();
    exchange.abort(clientLeft());
    const { span } = await tellRelay(
      aRelayAnswer({ type: STREAM, answer: { bytes: reads(events(HI), clientLeft()) } }),
      exchange,
    );
    expect(span).toMatchObject({ failure: null, attributes: { outcome: 'client_disconnect' } });
  });
});

test('a request without an answer fails its span, and throws why', async () => {
  const exchange = createFakeExchange();
  const running = aRunningRelay({ result: { type: 'failed', error: broken } });
  const told = createRelayIo({ pace: noPace })(exchange, { ...aRelayAnswer({}), running });
  await expect(told(() => null)).rejects.toBe(broken);
  expect(exchange.trace.phases.get('backend_io')).toMatchObject({
    ended: true,
    failure: { type: 'backend_error' },
  });
});

test('who cannot take what comes ends the span', async () => {
  const exchange = createFakeExchange();
  const answer = aRelayAnswer({ type: STREAM, answer: good() });
  const flow = createRelayIo({ pace: noPace })(exchange, answer);
  const left = clientLeft();
  await expect(
    flow(({ type }) => {
      if (type !== 'head') throw left;
      return null;
    }),
  ).rejects.toBe(left);
  expect(exchange.trace.phases.get('backend_io')).toMatchObject({
    ended: true,
    attributes: { outcome: 'client_disconnect' },
  });
});
