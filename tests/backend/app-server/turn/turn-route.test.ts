import { GatewayError } from '../../../../src/errors.ts';
import { createFakeSpan, eventsOf, payloadsOf } from '../../../support/fake-span.ts';
import {
  itemStarted,
  textDelta,
  tokens,
  turnCompleted,
  turnStarted,
} from '../../../support/notifications.ts';
import { openRoute } from '../../../support/open-route.ts';

test('notifications become the answer, and every one is recorded', async () => {
  const { take, answer, span, route } = openRoute();
  const all = [turnStarted(), textDelta('Hi'), turnCompleted()];
  take(...all);
  expect(await answer()).toEqual([
    { type: 'text', delta: 'Hi', message: 0 },
    { type: 'done', finishReason: 'stop' },
  ]);
  expect(eventsOf(span, 'rpc_notification')).toHaveLength(all.length);
  expect(route.ended).toBe(true);
  expect(await route.turn.turnStarted).toBe('t');
});

test('deltas are marked as many alike, other notifications are not', () => {
  const { take, span } = openRoute();
  take(turnStarted(), textDelta('Hi'), turnCompleted());
  expect(eventsOf(span, 'rpc_notification').map(({ bulk }) => bulk)).toEqual([false, true, false]);
});

test('events go to the span that is attached by then', () => {
  const { take, span, route } = openRoute();
  const io = createFakeSpan('backend_io');
  take(turnStarted());
  route.span = io;
  take(textDelta('Hi'));
  expect([span.events.length, io.events.length]).toEqual([1, 1]);
});

test('a notification of another turn is recorded and not answered', async () => {
  const { take, answer, span } = openRoute();
  const other = { turnId: 'another' };
  take(turnStarted(), textDelta('not mine', 'm9', other), turnCompleted('failed', null, other));
  take(textDelta('mine'), turnCompleted());
  expect(await answer()).toEqual([
    { type: 'text', delta: 'mine', message: 0 },
    { type: 'done', finishReason: 'stop' },
  ]);
  expect(eventsOf(span, 'rpc_notification')).toHaveLength(5);
});

test('a notification that names no turn belongs to the one that runs', () => {
  const { take, span } = openRoute();
  take(turnStarted(), ['thread/status/changed', { threadId: 'th', status: { type: 'idle' } }]);
  expect(eventsOf(span, 'rpc_notification')).toHaveLength(2);
});

test('what comes after the end is recorded and not answered, and opens no tool', async () => {
  const { take, answer, span } = openRoute();
  take(textDelta('Hi'), turnCompleted(), textDelta(' again'), itemStarted({ type: 'webSearch', id: 'w' }));
  expect((await answer()).map(({ type }) => type)).toEqual(['text', 'done']);
  expect(eventsOf(span, 'rpc_notification')).toHaveLength(4);
  expect(span.children).toEqual([]);
});

test('a malformed notification that the answer depends on fails the turn and gives it up', async () => {
  const { take, answer, route, abandoned } = openRoute();
  take(textDelta('Hi'), ['item/agentMessage/delta', { threadId: 'th', turnId: 't', delta: 5 }]);
  expect(await answer()).toMatchObject([
    { type: 'text' },
    {
      type: 'failed',
      error: { code: 'backend_error', message: expect.stringContaining('item/agentMessage/delta') },
    },
  ]);
  expect(abandoned).toEqual([route]);
});

test('a malformed notification of any other kind hurts nobody', async () => {
  const { take, answer } = openRoute();
  take(['warning', { threadId: 'th', turn: 7 }], ['item/started', { threadId: 'th' }], turnCompleted());
  expect(await answer()).toHaveLength(1);
});

test('failing from our side ends the answer once, keeps what was said, and closes the tools', async () => {
  const { take, answer, route, abandoned, span } = openRoute();
  take(textDelta('Hi'), itemStarted({ type: 'webSearch', id: 'w' }));
  route.fail(new GatewayError('backend_exited', 'gone'));
  route.fail(new GatewayError('shutting_down', 'later'));
  take(turnCompleted());
  expect(await answer()).toMatchObject([
    { type: 'text' },
    { type: 'failed', error: { code: 'backend_exited' } },
  ]);
  expect(abandoned).toHaveLength(1);
  expect(span.children[0]?.ended).toBe(true);
});

test('a secret that is split over deltas is in no event, and in the answer as it came', async () => {
  const { take, answer, span } = openRoute();
  const secret = 'sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD';
  const pieces = [
    `The key is ${secret.slice(0, 9)}`,
    secret.slice(9, 30),
    secret.slice(30),
    ' and that is all.',
  ];
  take(...pieces.map((piece) => textDelta(piece)), turnCompleted());
  const shown = payloadsOf(span, 'rpc_notification').map(
    (payload) => (payload as { params: { delta?: string } }).params.delta ?? '',
  );
  expect(shown.join('')).toMatch(/^The key is /);
  expect(shown.join('')).not.toContain('abcdefgh');
  const said = (await answer()).map((event) => (event.type === 'text' ? event.delta : ''));
  expect(said).toEqual([...pieces, '']);
});

test('texts of two items are held back apart from each other', () => {
  const { take, span } = openRoute();
  take(textDelta('one ', 'a'), textDelta('two ', 'b'), textDelta('three ', 'a'), textDelta('four ', 'b'));
  const shown = payloadsOf(span, 'rpc_notification') as { params: { itemId: string; delta: string } }[];
  const of = (id: string) =>
    shown
      .filter(({ params }) => params.itemId === id)
      .map(({ params }) => params.delta)
      .join('');
  expect(of('a')).toMatch(/^one /);
  expect(of('b')).toMatch(/^two /);
});

test('what it has used is known as soon as it is told, be it that nobody takes the events', () => {
  const { take, route } = openRoute();
  take(turnStarted(), textDelta('Hi'));
  expect(route.used).toBeNull();
  take(tokens());
  expect(route.used).toMatchObject({ total_tokens: 16 });
});
