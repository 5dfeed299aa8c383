import { itemStarted, textDelta, turnCompleted, turnStarted } from '../../../support/notifications.ts';
import { openRoute } from '../../../support/open-route.ts';

const NEVER_MS = 60_000;

const openWithin = (limits: { firstByteMs?: number; idleMs?: number }) =>
  openRoute({ firstByteMs: NEVER_MS, idleMs: NEVER_MS, ...limits });

test('a turn without a beginning fails, and counts as abandoned, so that it is interrupted', async () => {
  const { route, abandoned, answer, timers } = openWithin({ firstByteMs: 300 });
  route.turnRequested();
  route.take(...turnStarted());
  route.take(...itemStarted({ id: 'u', type: 'userMessage' }));
  timers.advance(300);
  expect(await answer()).toMatchObject([{ type: 'failed', error: { code: 'backend_first_byte_timeout' } }]);
  expect(abandoned).toEqual([route]);
});

test.each([
  ['text', textDelta('Hi')],
  ['a tool', itemStarted({ id: 'c', type: 'commandExecution' })],
])('%s is a beginning: then only silence ends it', async (_, beginning) => {
  const { route, answer, timers } = openWithin({ firstByteMs: 300, idleMs: 500 });
  route.turnRequested();
  route.take(...turnStarted());
  route.take(...beginning);
  timers.advance(300);
  expect(route.ended).toBe(false);
  timers.advance(200);
  expect((await answer()).at(-1)).toMatchObject({ type: 'failed', error: { code: 'backend_idle_timeout' } });
});

test('a turn that has ended is watched no more, and one that nobody asked for is not watched', async () => {
  const { route, abandoned, answer, timers } = openWithin({ firstByteMs: NEVER_MS });
  route.take(...textDelta('Hi'));
  route.turnRequested();
  route.take(...turnCompleted());
  expect((await answer()).map(({ type }) => type)).toEqual(['text', 'done']);
  expect(abandoned).toEqual([]);
  expect(timers.pending).toBe(0);
});
