import { createEncoders } from '../../src/egress/create-encoder.ts';
import { sendStream } from '../../src/egress/send-stream.ts';
import { aTurn, createFakeExchange, saying, text } from '../support/fake-exchange.ts';

test('a stream whose backend ends with neither done nor failed is a failure of ours, as a plain answer is', async () => {
  const exchange = createFakeExchange();
  const encoder = createEncoders({ newId: () => 'abc', nowSeconds: () => 1 })(aTurn());
  const settlement = await sendStream(exchange, encoder, saying(text('Hal')));
  expect(settlement).toMatchObject({ outcome: 'gateway_error', status: 200 });
  expect(exchange.client.sent.body).toContain('internal_error');
});
