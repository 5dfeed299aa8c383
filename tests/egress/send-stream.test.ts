import { createClientEgress } from '../../src/egress/client-egress.ts';
import { createEncoders } from '../../src/egress/create-encoder.ts';
import { GatewayError } from '../../src/errors.ts';
import type { TurnEvent } from '../../src/gateway/turn.ts';
import {
  aRunningTurn,
  aTurn,
  aUsage,
  BACKEND,
  createFakeExchange,
  done,
  type FakeExchange,
  IDS,
  saying,
  text,
} from '../support/fake-exchange.ts';
import { eventsOf, payloadsOf } from '../support/fake-span.ts';
import { framesOf } from '../support/sse.ts';

const egress = createClientEgress(createEncoders({ newId: () => 'abc', nowSeconds: () => 1 }), 1);
const usage: TurnEvent = { type: 'usage', usage: aUsage };
const failed = (code: 'backend_error' | 'rate_limit_exceeded' = 'backend_error'): TurnEvent => ({
  type: 'failed',
  error: new GatewayError(code, 'It failed.'),
});

const stream = (exchange: FakeExchange, ...events: (TurnEvent | Error)[]) =>
  egress.turn(
    exchange,
    { type: 'turn', turn: aTurn(), running: aRunningTurn(), backend: BACKEND },
    saying(...events),
  );

const spanOf = (exchange: FakeExchange) => {
  const span = exchange.trace.phases.get('client_egress');
  if (!span) throw new Error('there was no egress');
  return span;
};

const contentOf = (exchange: FakeExchange): string =>
  framesOf(exchange.client.sent.body)
    .filter((data) => data !== '[DONE]')
    .map((data) => JSON.parse(data).choices?.[0]?.delta.content ?? '')
    .join('');

test('a turn becomes a stream that ends with [DONE]', async () => {
  const exchange = createFakeExchange();
  const settlement = await stream(exchange, text('Hel'), text('lo'), usage, done);
  expect(exchange.client.sent).toMatchObject({ status: 200, ended: true });
  expect(exchange.client.sent.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
  });
  expect(contentOf(exchange)).toBe('Hello');
  expect(framesOf(exchange.client.sent.body).at(-1)).toBe('[DONE]');
  expect(settlement).toMatchObject({
    outcome: 'completed',
    status: 200,
    error: null,
    usage: aUsage,
    usageComplete: true,
    finishReason: 'stop',
  });
});

test('each frame has its event, and the terminal one a kind of its own, once', async () => {
  const exchange = createFakeExchange();
  await stream(exchange, text('Hi'), done);
  const frames = framesOf(exchange.client.sent.body);
  const span = spanOf(exchange);
  expect(eventsOf(span, 'client_sse')).toHaveLength(frames.length - 1);
  expect(eventsOf(span, 'client_sse').map(({ bulk }) => bulk)).toEqual([false, true, false]);
  expect(payloadsOf(span, 'client_sse_done')).toEqual(['[DONE]']);
  expect(span).toMatchObject({ ended: true, failure: null, attributes: { outcome: 'completed' } });
});

test('an event is there before its bytes are', async () => {
  const seen: number[] = [];
  const exchange = createFakeExchange({
    onWrite: () => void seen.push(eventsOf(spanOf(exchange), 'client_sse').length),
  });
  await stream(exchange, text('a'), text('b'), done);
  expect(seen).toEqual([2, 3, 4]);
});

test('thoughts are not sent, and do not open the stream', async () => {
  const exchange = createFakeExchange();
  await stream(exchange, { type: 'reasoning', delta: 'hmm', part: 0 }, failed());
  expect(exchange.client.sent.status).toBe(502);
});

test('a turn that says nothing is still a stream', async () => {
  const exchange = createFakeExchange();
  const settlement = await stream(exchange, done);
  expect(framesOf(exchange.client.sent.body)).toHaveLength(3);
  expect(settlement).toMatchObject({
    outcome: 'completed',
    firstTokenNs: null,
    usage: null,
    usageComplete: false,
  });
});

test.each([
  ['backend_error', 502],
  ['rate_limit_exceeded', 429],
] as const)('what fails as %s before the first text has its HTTP status, %d', async (code, status) => {
  const exchange = createFakeExchange();
  const settlement = await stream(exchange, usage, failed(code));
  expect(exchange.client.sent).toMatchObject({ status, headers: { 'content-type': 'application/json' } });
  expect(JSON.parse(exchange.client.sent.body).error).toMatchObject({ code, request_id: 'req_1' });
  expect(settlement).toMatchObject({ status, error: { code }, usage: aUsage, usageComplete: false });
  expect(spanOf(exchange).events.map(({ kind }) => kind)).toEqual(['client_json']);
});

test('what fails after the first text is an error event and then the end, without [DONE]', async () => {
  const exchange = createFakeExchange();
  const settlement = await stream(exchange, text('Hal'), usage, failed());
  const frames = framesOf(exchange.client.sent.body);
  expect(exchange.client.sent).toMatchObject({ status: 200, ended: true });
  expect(JSON.parse(frames.at(-1) ?? '').error).toMatchObject({
    code: 'backend_error',
    message: 'It failed.',
    request_id: IDS.reqId,
    trace_id: IDS.traceId,
  });
  expect(frames).not.toContain('[DONE]');
  expect(eventsOf(spanOf(exchange), 'client_sse_done')).toEqual([]);
  expect(spanOf(exchange)).toMatchObject({
    ended: true,
    failure: { type: 'backend_error' },
    attributes: { outcome: 'backend_error' },
  });
  expect(settlement).toMatchObject({
    status: 200,
    outcome: 'backend_error',
    error: { code: 'backend_error' },
    usage: aUsage,
    usageComplete: false,
  });
});

test('a backend that throws in the middle is a failure of ours, and its words stay with us', async () => {
  const exchange = createFakeExchange();
  const settlement = await stream(exchange, text('Hal'), new Error('ECONNREFUSED 10.0.0.7'));
  expect(settlement).toMatchObject({ outcome: 'gateway_error', error: { code: 'internal_error' } });
  expect(exchange.client.sent.body).not.toContain('10.0.0.7');
});
