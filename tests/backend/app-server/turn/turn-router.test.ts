import { createTurnRouter } from '../../../../src/backend/app-server/turn/turn-router.ts';
import type { TurnEvents } from '../../../../src/gateway/turn.ts';
import { createFakeSpan, eventsOf } from '../../../support/fake-span.ts';
import { type Notified, textDelta, turnCompleted, turnStarted } from '../../../support/notifications.ts';
import { allOf } from '../../../support/turn-events.ts';

const openRouter = () => {
  const router = createTurnRouter();
  const open = (threadId: string) => {
    const span = createFakeSpan(threadId);
    return { span, route: router.add(threadId, span, () => undefined) };
  };
  const dispatch = (...[method, params]: Notified) => router.dispatch(method, params);
  return { router, open, dispatch };
};

const textOf = async (events: TurnEvents): Promise<string> =>
  (await allOf(events)).map((event) => (event.type === 'text' ? event.delta : '')).join('');

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
  expect(await textOf(a.route.read())).toBe('a1 a2 ');
  expect(await textOf(b.route.read())).toBe('b1 b2 ');
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

describe('lines that go on with a text', () => {
  const lineOf = ([method, params]: Notified): string => JSON.stringify({ method, params });
  const openLines = () => {
    const { router, open } = openRouter();
    /** How many lines had to be parsed. */
    let parsed = 0;
    const hear = (notified: Notified): void => {
      const line = lineOf(notified);
      if (router.takeDelta(line)) return;
      parsed++;
      router.dispatch(...notified, line);
    };
    return { router, open, hear, parsed: () => parsed };
  };

  test('are not parsed, and are told, recorded and answered as the others are', async () => {
    const { open, hear, parsed } = openLines();
    const [a, b] = [open('A'), open('B')];
    const ids = (name: string) => ({ threadId: name, turnId: `turn-${name}` });
    for (const name of ['A', 'B']) hear(turnStarted(ids(name)));
    for (const delta of ['one ', 'two ', 'three'])
      for (const name of ['A', 'B']) hear(textDelta(delta, 'm', ids(name)));
    expect(parsed()).toBe(4);
    for (const name of ['A', 'B']) hear(turnCompleted('completed', null, ids(name)));
    for (const { route, span } of [a, b]) {
      expect(await textOf(route.read())).toBe('one two three');
      const shown = eventsOf(span, 'rpc_notification').filter(({ bulk }) => bulk);
      expect(shown).toHaveLength(3);
      expect(shown.map(({ payload }) => (payload as { params: object }).params)).toMatchObject(
        ['one ', 'two ', ''].map((delta) => ({ threadId: route.threadId, itemId: 'm', delta })),
      );
    }
  });

  test('are parsed again once the text is another one, and when their turn is let go', () => {
    const { router, open, hear, parsed } = openLines();
    const { route, span } = open('th');
    for (const item of ['m1', 'm1', 'm2', 'm2', 'm1']) hear(textDelta('x', item));
    expect(parsed()).toBe(3);
    router.retire(route);
    for (const item of ['m1', 'm1']) hear(textDelta('x', item));
    expect(parsed()).toBe(5);
    expect(eventsOf(span, 'rpc_notification')).toHaveLength(7);
  });

  test('of another turn, and behind the end of the answer, are recorded and not answered', async () => {
    const { open, hear } = openLines();
    const { route, span } = open('th');
    hear(turnStarted());
    for (const id of ['t', 'other', 'other']) hear(textDelta('x', 'm', { threadId: 'th', turnId: id }));
    hear(textDelta('y'));
    hear(turnCompleted());
    for (const delta of ['late', 'later']) hear(textDelta(delta));
    expect(await textOf(route.read())).toBe('xy');
    expect(eventsOf(span, 'rpc_notification')).toHaveLength(8);
  });

  test('hold a secret back that is split over them', () => {
    const { open, hear } = openLines();
    const { span } = open('th');
    const secret = 'sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD';
    for (const delta of [`a ${secret.slice(0, 9)}`, secret.slice(9, 30), secret.slice(30), ' end.'])
      hear(textDelta(delta));
    const shown = JSON.stringify(eventsOf(span, 'rpc_notification'));
    expect(shown).not.toContain('abcdefgh');
    expect(shown).not.toContain('0123456789');
  });
});
