import { createEventQueue } from '../../../../src/backend/app-server/turn/event-queue.ts';
import { createHeldChars, type HeldChars } from '../../../../src/backend/held-chars.ts';
import { GatewayError } from '../../../../src/errors.ts';
import type { TurnEvent } from '../../../../src/gateway/turn.ts';
import { done, text } from '../../../support/fake-exchange.ts';
import { countingPace, stuckPace } from '../../../support/pace.ts';
import { allOf } from '../../../support/turn-events.ts';

const createQueue = (maxChars?: number) => {
  let abandoned = 0;
  const queue = createEventQueue({
    onAbandoned: () => void abandoned++,
    ...(maxChars !== undefined && { maxChars }),
  });
  return { ...queue, abandoned: () => abandoned };
};

test('events come out in the order in which they went in, and the last one ends them', async () => {
  const { push, read, abandoned } = createQueue();
  const said = [text('a'), { type: 'reasoning', delta: 'r', part: 0 } as const, text('b'), done];
  for (const event of said) push(event);
  expect(await allOf(read())).toEqual(said);
  expect(abandoned()).toBe(0);
});

test('a reader who waits gets each event as it comes', async () => {
  const { push, read } = createQueue();
  const reader = read()[Symbol.asyncIterator]();
  for (const delta of ['a', 'b', 'c']) {
    const next = reader.next();
    push(text(delta));
    expect(await next).toEqual({ done: false, value: [text(delta)] });
  }
  const last = reader.next();
  push(done);
  expect((await last).value).toEqual([done]);
  expect(await reader.next()).toEqual({ done: true, value: undefined });
});

test('what has come by then comes at once, in steps that are not much work', async () => {
  const { push, read } = createQueue();
  for (let n = 0; n < 100; n++) push(text('x'));
  push(done);
  const steps: number[] = [];
  for await (const step of read()) steps.push(step.length);
  expect(steps.length).toBeGreaterThan(3);
  expect(Math.max(...steps)).toBeLessThanOrEqual(32);
  expect(steps.reduce((sum, count) => sum + count)).toBe(101);
});

test('who has given a reader hears when that one has the end, or has left', async () => {
  let ended = 0;
  const [whole, left] = [createQueue(), createQueue()];
  for (const { push } of [whole, left]) for (const event of [text('a'), done]) push(event);
  await allOf(whole.read(() => void ended++));
  expect(ended).toBe(1);
  for await (const _ of left.read(() => void ended++)) break;
  expect(ended).toBe(2);
});

test('a failure ends the events as done does', async () => {
  const { push, read, abandoned } = createQueue();
  const failed: TurnEvent = { type: 'failed', error: new GatewayError('backend_error', 'x') };
  push(text('a'));
  push(failed);
  expect(await allOf(read())).toEqual([text('a'), failed]);
  expect(abandoned()).toBe(0);
});

test('what comes after the end is not there', async () => {
  const { push, read } = createQueue();
  push(done);
  push(text('late'));
  push(done);
  expect(await allOf(read())).toEqual([done]);
});

test('a reader who lags too far behind gets what waits and then the failure, and the turn is given up once', async () => {
  const { push, read, abandoned } = createQueue(200);
  for (let n = 0; n < 100; n++) push(text('x'.repeat(20)));
  expect(abandoned()).toBe(1);
  const got = await allOf(read());
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
  const { push, read, abandoned } = createQueue(200);
  const reader = read()[Symbol.asyncIterator]();
  for (let n = 0; n < 1000; n++) {
    push(text('x'.repeat(100)));
    expect((await reader.next()).value).toMatchObject([{ type: 'text' }]);
  }
  expect(abandoned()).toBe(0);
});

test('a reader who leaves early gives the turn up, once', async () => {
  const { push, read, abandoned } = createQueue();
  push(text('a'));
  push(text('b'));
  for await (const _ of read()) break;
  expect(abandoned()).toBe(1);
  push(text('c'));
  push(done);
  expect(abandoned()).toBe(1);
});

test('a reader who leaves at the last event gives nothing up', async () => {
  const { push, read, abandoned } = createQueue();
  push(done);
  for await (const _ of read()) break;
  expect(abandoned()).toBe(0);
});

test('a piece that is larger than the whole queue is refused, although nothing waits before it', async () => {
  const { push, read, abandoned } = createQueue(100);
  push(text('x'.repeat(1_000)));
  push(done);
  expect(await allOf(read())).toMatchObject([{ type: 'failed', error: { code: 'answer_too_large' } }]);
  expect(abandoned()).toBe(1);
});

test('a long text is handed on in pieces, which put together are the text', async () => {
  const { push, read } = createQueue();
  const said = '0123456😀'.repeat(100_000);
  push(text(said));
  push(done);
  const deltas = (await allOf(read())).flatMap((event) => (event.type === 'text' ? [event.delta] : []));
  expect(deltas.join('')).toBe(said);
  expect(Math.max(...deltas.map((delta) => delta.length))).toBeLessThanOrEqual(64 * 1024);
  expect(deltas.every((delta) => delta.isWellFormed())).toBe(true);
});

test('a long queue is drained over many turns of the event loop', async () => {
  const { pace, turns } = countingPace();
  const { push, read } = createEventQueue({ onAbandoned: () => undefined, pace });
  for (let n = 0; n < 50_000; n++) push(text('x'));
  push(done);
  expect(await allOf(read())).toHaveLength(50_001);
  expect(turns()).toBeGreaterThan(700);
});

test('nothing rests behind the last event', async () => {
  const { push, read } = createEventQueue({ onAbandoned: () => undefined, pace: stuckPace });
  push(done);
  expect(await allOf(read())).toEqual([done]);
});

describe('queues that share a bound', () => {
  const open = (held: HeldChars) => createEventQueue({ onAbandoned: () => undefined, held });
  const MANY = text('x'.repeat(1_000));

  test('hold no more together than it says, and one that holds little is not the one that fails', async () => {
    const held = createHeldChars(10_000, 2_000);
    const slow = open(held);
    for (let n = 0; n < 9; n++) slow.push(MANY);
    const quick = open(held);
    quick.push(MANY);
    slow.push(MANY);
    slow.push(done);
    quick.push(done);
    expect(held.chars).toBeLessThanOrEqual(12_000);
    expect((await allOf(slow.read())).at(-1)).toMatchObject({ error: { code: 'backend_overloaded' } });
    expect(await allOf(quick.read())).toEqual([MANY, done]);
    expect(held.chars).toBe(0);
  });

  test('give back what they hold when they are read, left or discarded', async () => {
    const held = createHeldChars();
    const [taken, left, discarded] = [open(held), open(held), open(held)];
    for (const queue of [taken, left, discarded]) for (const event of [MANY, MANY, done]) queue.push(event);
    expect(held.chars).toBeGreaterThan(6_000);
    await allOf(taken.read());
    for await (const _ of left.read()) break;
    discarded.discard();
    expect(held.chars).toBe(0);
    discarded.discard();
    expect(held.chars).toBe(0);
  });
});
