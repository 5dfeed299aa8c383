import { createEncoders } from '../../src/egress/create-encoder.ts';
import { sendJson } from '../../src/egress/send-json.ts';
import { sendStream } from '../../src/egress/send-stream.ts';
import { unfinished } from '../../src/egress/settle.ts';
import { GatewayError } from '../../src/errors.ts';
import type { TurnEvent, TurnEvents } from '../../src/gateway/turn.ts';
import {
  aTurn,
  aUsage,
  clientLeft,
  createFakeExchange,
  done,
  type FakeExchange,
  saying,
  text,
} from '../support/fake-exchange.ts';
import { eventsOf, payloadsOf } from '../support/fake-span.ts';
import { framesOf } from '../support/sse.ts';

const encoder = () => createEncoders({ newId: () => 'abc', nowSeconds: () => 1 })(aTurn());
const stream = (exchange: FakeExchange, events: TurnEvents) => sendStream(exchange, encoder(), events);
const spanOf = (exchange: FakeExchange) => exchange.trace.phases.get('client_egress');

/** Throws at the `n`th write, as the client's end does once the client has left. */
const leavesAt = (n: number) => ({
  complete: false,
  onWrite: (_: string, count: number) => {
    if (count >= n) throw clientLeft();
  },
});

test('a client that leaves in the middle settles as such, with what was counted so far', async () => {
  const exchange = createFakeExchange(leavesAt(2));
  const settlement = await stream(
    exchange,
    saying({ type: 'usage', usage: aUsage }, text('one'), text('two'), text('three'), done),
  );
  expect(settlement).toMatchObject({
    outcome: 'client_disconnect',
    status: 200,
    error: { code: 'client_disconnected' },
    usage: aUsage,
    usageComplete: false,
    finishReason: null,
  });
  expect(eventsOf(spanOf(exchange) ?? exchange.trace.server, 'client_sse_done')).toEqual([]);
  expect(spanOf(exchange)).toMatchObject({
    ended: true,
    failure: null,
    attributes: { outcome: 'client_disconnect' },
  });
});

test('a client that leaves while an earlier answer is still being sent has got no status', async () => {
  const exchange = createFakeExchange({ ...leavesAt(2), behindAnother: true });
  const settlement = await stream(exchange, saying(text('one'), text('two'), text('three'), done));
  expect(settlement).toMatchObject({ outcome: 'client_disconnect', status: 499 });
  const plain = createFakeExchange({ complete: false, behindAnother: true });
  expect(await sendJson(plain, 200, {})).toBe(false);
  expect(unfinished(plain, 200)).toMatchObject({ outcome: 'client_disconnect', status: 499 });
});

test('leaving stops the backend at once: it is asked for nothing more', async () => {
  const asked: string[] = [];
  let stopped = false;
  async function* backend(): AsyncGenerator<readonly TurnEvent[]> {
    try {
      for (const delta of ['one', 'two', 'three', 'four']) {
        asked.push(delta);
        yield [text(delta)];
      }
    } finally {
      stopped = true;
    }
  }
  await stream(createFakeExchange(leavesAt(2)), backend());
  expect(asked).toEqual(['one', 'two']);
  expect(stopped).toBe(true);
});

test('no error event is written to a client that has left', async () => {
  const exchange = createFakeExchange(leavesAt(2));
  await stream(exchange, saying(text('one'), text('two')));
  expect(framesOf(exchange.client.sent.body)).toHaveLength(2);
});

test('a client that left before the first text gets nothing and is counted as 499', async () => {
  const exchange = createFakeExchange();
  const settlement = await stream(exchange, saying({ type: 'failed', error: clientLeft() }));
  expect(exchange.client.sent).toMatchObject({ status: 0, body: '' });
  expect(settlement).toMatchObject({ outcome: 'client_disconnect', status: 499 });
  expect(spanOf(exchange)).toBeUndefined();
});

test('a client that left while the last bytes were on their way did not get the answer', async () => {
  const exchange = createFakeExchange({ complete: false });
  const settlement = await stream(exchange, saying(text('one'), done));
  expect(settlement).toMatchObject({ outcome: 'client_disconnect', finishReason: 'stop' });
});

test('time that is over in the middle is told in the stream', async () => {
  const exchange = createFakeExchange();
  const error = new GatewayError('backend_timeout', 'Too late.');
  const settlement = await stream(exchange, saying(text('one'), { type: 'failed', error }));
  expect(settlement).toMatchObject({ outcome: 'timeout', status: 200 });
  expect(framesOf(exchange.client.sent.body).at(-1)).toContain('backend_timeout');
});

test('what a slow client costs is measured, and so are first and last byte', async () => {
  const clock = { ns: 5_000_000n };
  const room = async () => {
    await Promise.resolve();
    clock.ns += 2_000_000n;
  };
  const exchange = createFakeExchange({ clock, room });
  await stream(exchange, saying(text('one'), text('two'), done));
  expect(spanOf(exchange)?.attributes).toMatchObject({
    'throughline.egress.bytes': Buffer.byteLength(exchange.client.sent.body),
    'throughline.egress.first_byte_ms': 5,
    'throughline.egress.last_byte_ms': 11,
    'throughline.egress.blocked_ms': 6,
  });
});

test('the first token is timed when it comes from the backend', async () => {
  const clock = { ns: 7n };
  const settlement = await stream(createFakeExchange({ clock }), saying(text('one'), done));
  expect(settlement.firstTokenNs).toBe(7n);
});

test('a secret that is split over deltas reaches the client as it is, and no event', async () => {
  const exchange = createFakeExchange();
  const pieces = ['key: sk-proj-abcdefgh', 'ijklmnopqrstuvwxyz01', '23456789ABCD', ' end'];
  await stream(exchange, saying(...pieces.map((piece) => text(piece)), done));
  const shown = JSON.stringify(payloadsOf(spanOf(exchange) ?? exchange.trace.server, 'client_sse'));
  expect(shown).not.toContain('abcdefgh');
  expect(shown).not.toContain('23456789ABCD');
  for (const piece of pieces) expect(exchange.client.sent.body).toContain(JSON.stringify(piece).slice(1, -1));
});

test('text that was held back is shown before the stream’s end', async () => {
  const exchange = createFakeExchange();
  await stream(exchange, saying(text('half a wo'), text('rd'), done));
  const shown = payloadsOf(spanOf(exchange) ?? exchange.trace.server, 'client_sse').map((payload) =>
    JSON.stringify(payload),
  );
  expect(shown.join('')).toContain('wo');
});

test('of an answer that fails only the length of what was held back is shown: it may be half a secret', async () => {
  const exchange = createFakeExchange();
  const error = new GatewayError('backend_exited', 'It ended.');
  await stream(exchange, saying(text('card 3782-822463-'), text('100'), { type: 'failed', error }));
  const shown = JSON.stringify(payloadsOf(spanOf(exchange) ?? exchange.trace.server, 'client_sse'));
  expect(shown).not.toContain('3782-822463');
  expect(shown).toContain('"held_chars"');
});
