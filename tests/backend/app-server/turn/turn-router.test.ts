import { createTurnRouter } from '../../../../src/backend/app-server/turn/turn-router.ts';
import type { TurnEvent } from '../../../../src/gateway/turn.ts';
import { createFakeSpan, eventsOf } from '../../../support/fake-span.ts';
import { type Notified, textDelta, turnCompleted, turnStarted } from '../../../support/notifications.ts';

const openRouter = () => {
  const router = createTurnRouter();
  const open = (threadId: string) => {
    const span = createFakeSpan(threadId);
    return { span, route: router.add(threadId, span, () => undefined) };
  };
  const dispatch = (...[method, params]: Notified) => router.dispatch(method, params);
  return { router, open, dispatch };
};

const textOf = async (events: AsyncIterable<TurnEvent>): Promise<string> => {
  let text = '';
  for await (const event of events) if (event.type === 'text') text += event.delta;
  return text;
};

test('two threads that are interleaved each get their own', async () => {
  const { open, dispatch } = openRouter();
  const [a, b] = [open('A'), open('B')];
  const idsOf = (name: string) => ({ threadId: name, turnId: `turn-${name}` });
  dispatch(...turnStarted(idsOf('A')));
  dispatch(...turnStarted(idsOf('B')));
  for (const [name, delta] of [
    ['A', 'a1 '],
    ['B', 'b1 '],
    ['B', 'b2 '],
    ['A', 'a2 '],
  ] as const) {
    dispatch(...textDelta(delta, 'the same item id', idsOf(name)));
  }
  dispatch(...turnCompleted('completed', null, idsOf('B')));
  dispatch(...turnCompleted('completed', null, idsOf('A')));
  expect(await textOf(a.route.events)).toBe('a1 a2 ');
  expect(await textOf(b.route.events)).toBe('b1 b2 ');
  expect([a.span, b.span].map((span) => eventsOf(span, 'rpc_notification').length)).toEqual([4, 4]);
});

test('a notification of a thread that nobody has is not taken', () => {
  const { open, dispatch } = openRouter();
  open('A');
  expect(dispatch(...textDelta('x', 'm', { threadId: 'Z' }))).toBe(false);
  expect(dispatch('account/updated', {})).toBe(false);
});

test('a late notification finds the request of a thread that has been let go', () => {
  const { router, open, dispatch } = openRouter();
  const { route, span } = open('A');
  router.retire(route);
  expect(router.active).toEqual([]);
  expect(dispatch(...turnCompleted('interrupted', null, { threadId: 'A' }))).toBe(true);
  expect(eventsOf(span, 'rpc_notification')).toHaveLength(1);
});

test('letting go twice is harmless', () => {
  const { router, open } = openRouter();
  const { route } = open('A');
  router.retire(route);
  router.retire(route);
  expect(router.find({ threadId: 'A' })).toBe(route);
});

test('threads that were let go are kept for a while and not for ever, the oldest goes first', () => {
  const { router, open } = openRouter();
  for (let n = 0; n < 1500; n++) router.retire(open(`th-${n}`).route);
  const kept = Array.from({ length: 1500 }, (_, n) => router.find({ threadId: `th-${n}` }) !== undefined);
  expect(kept.filter(Boolean)).toHaveLength(1000);
  expect(kept.indexOf(true)).toBe(500);
});

test('the turns in flight are those that were not let go', () => {
  const { router, open } = openRouter();
  const [a, b, c] = [open('A'), open('B'), open('C')];
  router.retire(b.route);
  expect(router.active).toEqual([a.route, c.route]);
});

test.each(['toString', 'constructor', '__proto__'])('a method called %s hurts nobody', (method) => {
  const { open, dispatch } = openRouter();
  open('A');
  expect(dispatch(method, { threadId: 'A' })).toBe(true);
});
