import { createClientEgress } from '../../src/egress/client-egress.ts';
import { createEncoders } from '../../src/egress/create-encoder.ts';
import { GatewayError } from '../../src/errors.ts';
import { clientLeft, createFakeExchange, type FakeExchange, IDS } from '../support/fake-exchange.ts';
import { eventsOf } from '../support/fake-span.ts';

const createEncoder = createEncoders({ newId: () => 'abc', nowSeconds: () => 1 });
const egress = createClientEgress(createEncoder, 42);
const refusal = new GatewayError('invalid_api_key', 'No.', { headers: { 'www-authenticate': 'Bearer' } });
const bodyOf = (exchange: FakeExchange) => JSON.parse(exchange.client.sent.body);
const spanOf = (exchange: FakeExchange) => exchange.trace.phases.get('client_egress');

test('a refusal has its status, its headers and its body', async () => {
  const exchange = createFakeExchange();
  const settlement = await egress.refuse(exchange, refusal);
  expect(exchange.client.sent).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
  expect(bodyOf(exchange).error).toMatchObject({
    code: 'invalid_api_key',
    type: 'authentication_error',
    request_id: IDS.reqId,
    trace_id: IDS.traceId,
  });
  expect(settlement).toMatchObject({ status: 401, outcome: 'unauthorized', error: refusal, usage: null });
  expect(spanOf(exchange) && eventsOf(spanOf(exchange) ?? exchange.trace.server, 'client_json')).toHaveLength(
    1,
  );
});

test('the outcome on the span of a refusal is that of the request', async () => {
  const exchange = createFakeExchange();
  await egress.refuse(exchange, refusal);
  expect(spanOf(exchange)?.attributes['outcome']).toBe('unauthorized');
});

test('nobody is answered who has left, and 499 is what the records say', async () => {
  const exchange = createFakeExchange();
  expect(await egress.refuse(exchange, clientLeft())).toMatchObject({
    status: 499,
    outcome: 'client_disconnect',
  });
  expect(exchange.client.sent.status).toBe(0);
  expect(spanOf(exchange)).toBeUndefined();
});

test('an answer whose head is out already is not answered again', async () => {
  const exchange = createFakeExchange();
  exchange.client.head(200, {});
  await egress.refuse(exchange, refusal);
  expect(exchange.client.sent).toMatchObject({ status: 200, body: '' });
});

test('HEAD has the head that GET would have, no body, and no span of a body', async () => {
  const [get, head] = [createFakeExchange(), createFakeExchange({ bodiless: true })];
  const models = { type: 'models', models: [{ id: 'echo' }] } as const;
  await egress.models(get, models);
  expect(await egress.models(head, models)).toMatchObject({ outcome: 'completed', status: 200 });
  expect(head.client.sent).toEqual({ ...get.client.sent, body: '' });
  expect(spanOf(head)).toBeUndefined();
});

test('models are listed as the API lists them', async () => {
  const exchange = createFakeExchange();
  await egress.models(exchange, { type: 'models', models: [{ id: 'a' }, { id: 'b' }] });
  const model = { object: 'model', created: 42, owned_by: 'throughline' };
  expect(bodyOf(exchange)).toEqual({
    object: 'list',
    data: [
      { id: 'a', ...model },
      { id: 'b', ...model },
    ],
  });
});
