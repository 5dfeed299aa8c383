import { sendStream } from '../../src/egress/send-stream.ts';
import { createFakeExchange, done, saying, text } from '../support/fake-exchange.ts';
import { payloadsOf } from '../support/fake-span.ts';
import { reasoning, responsesEncoder } from '../support/responses.ts';
import { sanitizeJson } from '../support/sanitizer.ts';

/** What the events of a streamed response show, and what its client got. */
const streamed = async (...events: Parameters<typeof saying>) => {
  const exchange = createFakeExchange();
  await sendStream(exchange, responsesEncoder(), saying(...events, done));
  const span = exchange.trace.phases.get('client_egress') ?? exchange.trace.server;
  const shown = [...payloadsOf(span, 'client_sse'), ...payloadsOf(span, 'client_sse_done')];
  // As the real span does with every payload before it leaves.
  return {
    shown: shown.map((payload) => JSON.stringify(sanitizeJson(payload))),
    sent: exchange.client.sent.body,
  };
};

test('a secret that is split over deltas of a text or a summary is in no event, and in the client’s frames', async () => {
  const pieces = ['key: sk-proj-abcdefgh', 'ijklmnopqrstuvwxyz01', '23456789ABCD', ' end'];
  const { shown, sent } = await streamed(
    ...pieces.map((piece) => reasoning(piece)),
    ...pieces.map((piece) => text(piece)),
  );
  expect(shown.join('')).not.toMatch(/abcdefgh|ijklmnop|23456789ABCD/);
  for (const piece of pieces)
    expect(sent.split(JSON.stringify(piece).slice(1, -1)).length).toBeGreaterThan(2);
});

test('each item’s text is shown whole, its last word included', async () => {
  const { shown } = await streamed(reasoning('half a tho'), reasoning('ught'), text('half a wo'), text('rd'));
  const whole = shown.filter((payload) => payload.includes('_text.done'));
  expect(whole).toEqual([expect.stringContaining('half a thought'), expect.stringContaining('half a word')]);
});

test('the terminal frame is the one event of client_sse_done', async () => {
  const { shown } = await streamed(text('a'));
  expect(
    shown.map((payload) => JSON.parse(payload).type).filter((type) => type === 'response.completed'),
  ).toEqual(['response.completed']);
});
