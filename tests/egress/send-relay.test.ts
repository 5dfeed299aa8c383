import { createHash } from 'node:crypto';
import { createRelayIo } from '../../src/backend/relay-io.ts';
import { sendRelay } from '../../src/egress/send-relay.ts';
import { GatewayError } from '../../src/errors.ts';
import type { RelayAnswer } from '../../src/gateway/ports.ts';
import type { RelayFlow } from '../../src/gateway/relay.ts';
import { UPSTREAM_CASES } from '../fixtures/upstream/index.ts';
import { chunk, DONE, events, named } from '../fixtures/upstream/upstream-case.ts';
import { clientLeft, createFakeExchange, type FakeExchange } from '../support/fake-exchange.ts';
import { eventsOf, type FakeSpan } from '../support/fake-span.ts';
import { noPace } from '../support/pace.ts';
import { answerOfCase, aRelayAnswer, flowOf, reads } from '../support/relay-answers.ts';

const STREAM = 'text/event-stream';
const HI = chunk({ content: 'Hi' });
const STOP = chunk({}, 'stop');
const broken = new GatewayError('backend_error', 'The backend broke off.');

const send = async (answer: RelayAnswer, exchange: FakeExchange = createFakeExchange()) => {
  const settlement = await sendRelay(exchange, answer, createRelayIo({ pace: noPace })(exchange, answer));
  return {
    settlement,
    exchange,
    sent: exchange.client.sent,
    span: exchange.trace.phases.get('client_egress'),
  };
};

const kindsOf = (span: FakeSpan | undefined): string[] => span?.events.map(({ kind }) => kind) ?? [];

const aStream = (...pieces: readonly (string | Error)[]): RelayAnswer =>
  aRelayAnswer({ type: STREAM, answer: { bytes: reads(...pieces) } });

describe.each(
  UPSTREAM_CASES.map((entry) => [`${entry.status} ${entry.contentType} ${entry.name}`, entry] as const),
)('%s', (_, entry) => {
  test('leaves as it came', async () => {
    const all = createHash('sha256');
    const exchange = createFakeExchange();
    const { write } = exchange.client;
    exchange.client.write = async (piece) => {
      all.update(piece);
      await write(piece);
    };
    const { settlement, sent } = await send(answerOfCase(entry), exchange);
    expect(sent).toMatchObject({ status: entry.status, ended: true, destroyed: false });
    expect(settlement.status).toBe(entry.status);
    expect(settlement.outcome === 'completed').toBe(entry.expected.error === null && !entry.expected.isCut);
    const came = createHash('sha256').update(Buffer.concat(entry.chunks)).digest('hex');
    if (entry.status < 400) expect(all.digest('hex')).toBe(came);
  });
});

test('a stream has one event for each frame, and one for its end', async () => {
  const { settlement, span } = await send(aStream(events(HI, STOP), events(DONE)));
  expect(kindsOf(span)).toEqual(['client_sse', 'client_sse', 'client_sse_done']);
  expect(settlement).toMatchObject({ outcome: 'completed', status: 200, error: null, finishReason: 'stop' });
  expect(span).toMatchObject({ ended: true, failure: null, attributes: { outcome: 'completed' } });
});

test('a frame leaves its event before its bytes', async () => {
  const order: string[] = [];
  const exchange = createFakeExchange({
    onWrite: () => order.push(`${kindsOf(exchange.trace.phases.get('client_egress')).length} events`),
  });
  await send(aStream(events(HI), events(STOP)), exchange);
  expect(order).toEqual(['1 events', '2 events']);
});

test('the head has the status and the headers of the backend, and no length', async () => {
  const headers = { 'content-type': STREAM, 'content-length': '99', 'openai-version': '1' };
  const { sent } = await send(
    aRelayAnswer({ answer: { status: 201, headers, bytes: reads(events(HI, STOP, DONE)) } }),
  );
  expect(sent.status).toBe(201);
  expect(sent.headers).toEqual({ 'content-type': STREAM, 'openai-version': '1', 'x-accel-buffering': 'no' });
});

test('a whole answer has its length, and one event just before it', async () => {
  const { sent, span } = await send(aRelayAnswer({ answer: { bytes: reads('{"a"', ':1}') } }));
  expect(sent.headers).toMatchObject({ 'content-length': '7', 'content-type': 'application/json' });
  expect(eventsOf(span as FakeSpan, 'client_json')).toMatchObject([{ statusCode: 200, payload: { a: 1 } }]);
  expect(kindsOf(span)).toEqual(['client_json']);
});

test('an error of the backend is sent with its status, its words and our ids, and settles by its outcome', async () => {
  const { sent, settlement, span } = await send(
    aRelayAnswer({ answer: { status: 429, bytes: reads('{"error":{"message":"Slow down."}}') } }),
  );
  const body = JSON.parse(sent.body);
  expect(body.error).toMatchObject({ message: 'Slow down.', request_id: 'req_1' });
  expect(sent.headers['content-length']).toBe(String(sent.body.length));
  expect(settlement).toMatchObject({ status: 429, outcome: 'rate_limited' });
  expect(span).toMatchObject({ failure: null, attributes: { outcome: 'rate_limited' } });
});

describe('an answer that breaks off', () => {
  test('before the first byte gets the status of its error', async () => {
    const { sent, settlement } = await send(aStream(broken));
    expect(sent).toMatchObject({ status: 502, ended: true, destroyed: false });
    expect(JSON.parse(sent.body).error.code).toBe('backend_error');
    expect(settlement).toMatchObject({ status: 502, outcome: 'backend_error', error: broken });
  });

  test('in the middle of a whole answer gets it too', async () => {
    const { sent, settlement } = await send(aRelayAnswer({ answer: { bytes: reads('{"id"', broken) } }));
    expect(sent.status).toBe(502);
    expect(settlement.status).toBe(502);
  });

  test('between two events goes on with an error event, and ends', async () => {
    const { sent, settlement, span } = await send(aStream(events(HI), broken));
    const [, last] = sent.body.split(events(HI));
    expect(JSON.parse((last ?? '').slice('data: '.length)).error).toMatchObject({
      code: 'backend_error',
      request_id: 'req_1',
    });
    expect(sent).toMatchObject({ ended: true, destroyed: false });
    expect(kindsOf(span)).toEqual(['client_sse', 'client_sse']);
    expect(settlement).toMatchObject({ status: 200, outcome: 'backend_error' });
    expect(span).toMatchObject({ ended: true, failure: { type: 'backend_error' } });
  });

  test('between two events of a response has the event of that API, with the next number', async () => {
    const first = named({ type: 'response.created', sequence_number: 4, response: {} });
    const answer = aRelayAnswer({
      type: STREAM,
      request: { api: 'responses', target: '/responses' },
      answer: { bytes: reads(first, broken) },
    });
    const { sent } = await send(answer);
    const [, last = ''] = sent.body.split(first);
    expect(last).toMatch(/^event: error\ndata: /);
    expect(JSON.parse(last.slice(last.indexOf('{')))).toMatchObject({
      type: 'error',
      sequence_number: 5,
      code: 'backend_error',
    });
  });

  test('in the middle of an event is cut off', async () => {
    const { sent, settlement } = await send(aStream(events(HI), 'data: {"x', broken));
    expect(sent).toMatchObject({ ended: false, destroyed: true, body: `${events(HI)}data: {"x` });
    expect(settlement).toMatchObject({ status: 200, outcome: 'backend_error' });
  });

  test('in bytes of which nothing is known is cut off', async () => {
    const { sent } = await send(
      aRelayAnswer({ type: 'audio/mpeg', answer: { bytes: reads('abc', broken) } }),
    );
    expect(sent).toMatchObject({ ended: false, destroyed: true, body: 'abc' });
  });
});

test('a stream that ends too early stays as it is, and settles as a failure', async () => {
  const { sent, settlement, span } = await send(aStream(events(HI)));
  expect(sent).toMatchObject({ body: events(HI), ended: true, destroyed: false });
  expect(settlement).toMatchObject({ outcome: 'backend_error', status: 200 });
  expect(kindsOf(span)).toEqual(['client_sse']);
});

test('a stream that tells of an error has no good end, whatever its last frame is', async () => {
  const { settlement, span } = await send(aStream(events(HI, { error: { message: 'No.' } }, DONE)));
  expect(kindsOf(span)).toEqual(['client_sse', 'client_sse', 'client_sse']);
  expect(settlement.outcome).toBe('backend_error');
});

describe('a client that leaves', () => {
  /** A client that is gone at its `n`th write. */
  const leaving = (n: number): FakeExchange => {
    const exchange = createFakeExchange({
      complete: false,
      onWrite(_, count) {
        if (count < n) return;
        exchange.abort(clientLeft());
        throw exchange.signal.reason;
      },
    });
    return exchange;
  };

  test('settles as such, with what was told until then', async () => {
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
    const answer = aStream(events({ ...HI, usage }), events(HI), events(HI), clientLeft());
    const { settlement, span } = await send(answer, leaving(2));
    expect(settlement).toMatchObject({
      outcome: 'client_disconnect',
      status: 200,
      usage: { total_tokens: 3 },
      usageComplete: false,
    });
    expect(span).toMatchObject({ failure: null, attributes: { outcome: 'client_disconnect' } });
    expect(kindsOf(span)).toEqual(['client_sse', 'client_sse']);
  });

  test('with the last frame in hand has all of the answer', async () => {
    const exchange = createFakeExchange({ complete: false });
    const answer = aStream(events(HI, STOP, DONE), clientLeft());
    const flow = createRelayIo({ pace: noPace })(exchange, answer);
    const leavesAtEnd: RelayFlow = (take) =>
      flow((event) => {
        if (event.type === 'end') exchange.abort(clientLeft());
        return take(event);
      });
    const settlement = await sendRelay(exchange, answer, leavesAtEnd);
    expect(settlement).toMatchObject({ outcome: 'completed', status: 200 });
    expect(kindsOf(exchange.trace.phases.get('client_egress'))).toContain('client_sse_done');
  });

  test('before the first byte gets nothing', async () => {
    const exchange = createFakeExchange();
    exchange.abort(clientLeft());
    const { sent, settlement } = await send(aStream(clientLeft()), exchange);
    expect(sent).toMatchObject({ status: 0, body: '' });
    expect(settlement).toMatchObject({ status: 499, outcome: 'client_disconnect' });
  });
});

test('time that is over in the middle of a stream is said with an error event', async () => {
  const late = new GatewayError('request_deadline_exceeded', 'Too late.');
  const exchange = createFakeExchange();
  exchange.abort(late);
  const { sent, settlement } = await send(aStream(events(HI), late), exchange);
  expect(sent.body).toContain('"code":"request_deadline_exceeded"');
  expect(settlement).toMatchObject({ outcome: 'timeout', status: 200 });
});

test('HEAD gets the head alone', async () => {
  const exchange = createFakeExchange({ bodiless: true });
  const answer = aRelayAnswer({ request: { method: 'HEAD' }, answer: { bytes: reads() } });
  const { sent, settlement, span } = await send(answer, exchange);
  expect(sent).toMatchObject({ status: 200, body: '', ended: true });
  expect(settlement).toMatchObject({ outcome: 'completed', status: 200 });
  expect(span).toBeUndefined();
});

test('an answer that is told to no end is a fault of ours', async () => {
  const endless = flowOf({ type: 'head', status: 200, headers: {}, kind: 'bytes' });
  const exchange = createFakeExchange();
  const settlement = await sendRelay(exchange, aRelayAnswer({}), endless);
  expect(settlement).toMatchObject({ outcome: 'gateway_error', status: 500 });
});
