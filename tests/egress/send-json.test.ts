import { createClientEgress } from '../../src/egress/client-egress.ts';
import { createEncoders } from '../../src/egress/create-encoder.ts';
import { GatewayError } from '../../src/errors.ts';
import type { TurnEvent } from '../../src/gateway/turn.ts';
import {
  aRunningTurn,
  aTurn,
  aUsage,
  BACKEND,
  clientLeft,
  createFakeExchange,
  done,
  type FakeExchange,
  IDS,
  saying,
  text,
} from '../support/fake-exchange.ts';

const egress = createClientEgress(createEncoders({ newId: () => 'abc', nowSeconds: () => 1 }), 42);
const answer = {
  type: 'turn',
  turn: aTurn({ stream: false }),
  running: aRunningTurn(),
  backend: BACKEND,
} as const;
const sendWhole = (exchange: FakeExchange, ...events: TurnEvent[]) =>
  egress.turn(exchange, answer, saying(...events));
const bodyOf = (exchange: FakeExchange) => JSON.parse(exchange.client.sent.body);
const spanOf = (exchange: FakeExchange) => exchange.trace.phases.get('client_egress');

test('a turn is put together and sent whole, with its length', async () => {
  const exchange = createFakeExchange();
  const settlement = await sendWhole(
    exchange,
    text('naï'),
    text('ve'),
    { type: 'usage', usage: aUsage },
    done,
  );
  expect(bodyOf(exchange)).toMatchObject({
    object: 'chat.completion',
    choices: [{ message: { content: 'naïve' }, finish_reason: 'stop' }],
    usage: { total_tokens: 16 },
  });
  expect(exchange.client.sent).toMatchObject({
    status: 200,
    headers: { 'content-type': 'application/json', 'content-length': String(exchange.client.bytesWritten) },
    ended: true,
  });
  expect(settlement).toMatchObject({ outcome: 'completed', status: 200, usage: aUsage, usageComplete: true });
});

test('the event of an answer is there before its first byte, with status and body', async () => {
  const events: number[] = [];
  const exchange = createFakeExchange({
    onWrite: () => void events.push(spanOf(exchange)?.events.length ?? 0),
  });
  await sendWhole(exchange, text('hi'), done);
  expect(events).toEqual([1]);
  expect(spanOf(exchange)?.events).toMatchObject([
    { kind: 'client_json', statusCode: 200, payload: { object: 'chat.completion' } },
  ]);
  expect(spanOf(exchange)).toMatchObject({ ended: true, attributes: { outcome: 'completed' } });
});

test.each([true, false])(
  'what was told of the usage and still waited for its client counts (streamed: %s)',
  async (stream) => {
    const told = {
      ...answer,
      turn: aTurn({ stream }),
      running: aRunningTurn({ stop: async () => ({ usage: aUsage, isComplete: false }) }),
      backend: BACKEND,
    };
    const exchange = createFakeExchange({ complete: false });
    const settlement = await egress.turn(
      exchange,
      told,
      saying(text('Hal'), { type: 'failed', error: clientLeft() }),
    );
    expect(settlement).toMatchObject({ outcome: 'client_disconnect', usage: aUsage, usageComplete: false });
  },
);

test('what has failed ends before the refusal of it begins', async () => {
  const exchange = createFakeExchange();
  const met: string[] = [];
  async function* failing(): AsyncGenerator<readonly TurnEvent[]> {
    try {
      yield [{ type: 'failed', error: new GatewayError('backend_error', 'No.') }];
    } finally {
      met.push(`backend ends, ${spanOf(exchange) ? 'answered already' : 'nothing answered'}`);
    }
  }
  await egress.turn(exchange, answer, failing());
  expect(met).toEqual(['backend ends, nothing answered']);
  expect(exchange.client.sent.status).toBe(502);
});

test('nothing is sent before the turn has ended, so that a failure has its status', async () => {
  const exchange = createFakeExchange();
  const error = new GatewayError('context_length_exceeded', 'Too long.');
  const settlement = await sendWhole(
    exchange,
    text('Hal'),
    { type: 'usage', usage: aUsage },
    { type: 'failed', error },
  );
  expect(exchange.client.sent.status).toBe(400);
  expect(bodyOf(exchange)).toEqual({
    error: {
      message: 'Too long.',
      type: 'invalid_request_error',
      param: null,
      code: 'context_length_exceeded',
      request_id: IDS.reqId,
      trace_id: IDS.traceId,
      service: 'throughline',
      timestamp: '1970-01-01T00:00:00.000Z',
    },
  });
  expect(settlement).toMatchObject({
    status: 400,
    outcome: 'invalid_request',
    usage: aUsage,
    usageComplete: false,
  });
});

test('a turn that ends with neither done nor failed is a failure of ours', async () => {
  const exchange = createFakeExchange();
  expect(await sendWhole(exchange, text('Hal'))).toMatchObject({ outcome: 'gateway_error', status: 500 });
});

test('a client that leaves before the last byte did not get the answer', async () => {
  for (const options of [
    { complete: false },
    {
      onWrite: () => {
        throw clientLeft();
      },
    },
  ]) {
    const exchange = createFakeExchange(options);
    expect(await sendWhole(exchange, text('hi'), done)).toMatchObject({
      outcome: 'client_disconnect',
      status: 200,
    });
    expect(spanOf(exchange)).toMatchObject({ ended: true, attributes: { outcome: 'client_disconnect' } });
  }
});
