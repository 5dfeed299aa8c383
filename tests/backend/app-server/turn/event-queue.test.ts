import { createEventQueue } from '../../../../src/backend/app-server/turn/event-queue.ts';
import { GatewayError } from '../../../../src/errors.ts';
import type { TurnEvent } from '../../../../src/gateway/turn.ts';
import { done, text } from '../../../support/fake-exchange.ts';

const createQueue = (maxChars?: number) => {
  let abandoned = 0;
  const queue = createEventQueue({
    onAbandoned: () => void abandoned++,
    ...(maxChars !== undefined && { maxChars }),
  });
  return { ...queue, abandoned: () => abandoned };
};

const all = async (events: AsyncIterable<TurnEvent>): Promise<TurnEvent[]> => {
  const got: TurnEvent[] = [];
  for await (const event of events) got.push(event);
  return got;
};

test('events come out in the order in which they went in, and the last one ends them', async () => {
  const { push, events, abandoned } = createQueue();
  const said = [text('a'), { type: 'reasoning', delta: 'r', part: 0 } as const, text('b'), done];
  for (const event of said) push(event);
  expect(await all(events)).toEqual(said);
  expect(abandoned()).toBe(0);
});

test('a reader who waits gets each event as it comes', async () => {
  const { push, events } = createQueue();
  const reader = events[Symbol.asyncIterator]();
  for (const delta of ['a', 'b', 'c']) {
    const next = reader.next();
    push(text(delta));
    expect(await next).toEqual({ done: false, value: text(delta) });
  }
  const last = reader.next();
  push(done);
  expect((await last).value).toEqual(done);
  expect(await reader.next()).toEqual({ done: true, value: undefined });
});

test('a failure ends the events as done does', async () => {
  const { push, events, abandoned } = createQueue();
  const failed: TurnEvent = { type: 'failed', error: new GatewayError('backend_error', 'x') };
  push(text('a'));
  push(failed);
  expect(await all(events)).toEqual([text('a'), failed]);
  expect(abandoned()).toBe(0);
});

test('what comes after the end is not there', async () => {
  const { push, events } = createQueue();
  push(done);
  push(text('late'));
  push(done);
  expect(await all(events)).toEqual([done]);
});

test('a reader who lags too far behind gets what waits and then the failure, and the turn is given up once', async () => {
  const { push, events, abandoned } = createQueue(200);
  for (let n = 0; n < 100; n++) push(text('x'.repeat(20)));
  expect(abandoned()).toBe(1);
  const got = await all(events);
  expect(got.slice(0, -1)).toEqual(got.slice(0, -1).map(() => text('x'.repeat(20))));
  expect(got.length).toBeLessThan(6);
  expect(got.at(-1)).toMatchObject({ type: 'failed', error: { code: 'backend_overloaded' } });
  expect(abandoned()).toBe(1);
});

test('many small events count as well as long ones', () => {
  const { push, abandoned } = createQueue(3200);
  for (let n = 0; n < 101; n++) push(text(''));
  expect(abandoned()).toBe(1);
});

test('a reader who keeps up can read for ever', async () => {
  const { push, events, abandoned } = createQueue(200);
  const reader = events[Symbol.asyncIterator]();
  for (let n = 0; n < 1000; n++) {
    push(text('x'.repeat(100)));
    expect((await reader.next()).value).toMatchObject({ type: 'text' });
  }
  expect(abandoned()).toBe(0);
});

test('a reader who leaves early gives the turn up, once', async () => {
  const { push, events, abandoned } = createQueue();
  push(text('a'));
  push(text('b'));
  for await (const _ of events) break;
  expect(abandoned()).toBe(1);
  push(text('c'));
  push(done);
  expect(abandoned()).toBe(1);
});

test('a reader who leaves at the last event gives nothing up', async () => {
  const { push, events, abandoned } = createQueue();
  push(done);
  for await (const _ of events) break;
  expect(abandoned()).toBe(0);
});

test('a piece that is larger than the whole queue goes out when nothing waits before it', async () => {
  const { push, events, abandoned } = createQueue(100);
  push(text('x'.repeat(1_000)));
  push(done);
  expect((await all(events)).at(-1)).toEqual(done);
  expect(abandoned()).toBe(0);
});
