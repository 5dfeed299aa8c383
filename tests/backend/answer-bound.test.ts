import { boundAnswer } from '../../src/backend/answer-bound.ts';
import { createHeldChars } from '../../src/backend/held-chars.ts';
import type { TurnEvent } from '../../src/gateway/turn.ts';
import { aUsage, done, text } from '../support/fake-exchange.ts';

const reasoning = (delta: string): TurnEvent => ({ type: 'reasoning', delta, part: 0 });
const call = (given: string): TurnEvent => ({
  type: 'tool_call',
  callId: 'c',
  name: 'tool',
  arguments: given,
});
const usage: TurnEvent = { type: 'usage', usage: aUsage };

/** What is told of an answer that may have 1000 characters, and whether its turn was left. */
const bounded = async (...events: TurnEvent[]) => {
  let left = true;
  async function* saying() {
    yield* events;
    left = false;
  }
  const told: TurnEvent[] = [];
  for await (const event of boundAnswer(saying(), null, 1000)) told.push(event);
  return { told, left };
};

test('an answer within the bound passes as it is', async () => {
  const said = [reasoning('r'.repeat(300)), text('t'.repeat(300)), call('a'.repeat(200)), usage, done];
  expect(await bounded(...said)).toEqual({ told: said, left: false });
});

test.each([
  ['its text', text('x'.repeat(600))],
  ['its reasoning', reasoning('x'.repeat(600))],
  ["a tool's arguments", call('x'.repeat(600))],
])('an answer that grows larger by %s fails, and its turn is left', async (_, event) => {
  const { told, left } = await bounded(text('x'.repeat(600)), event, done);
  expect(told).toMatchObject([
    { type: 'text' },
    { type: 'failed', error: { code: 'answer_too_large', status: 502, outcome: 'backend_error' } },
  ]);
  expect(left).toBe(true);
});

test('an answer of very many small pieces may have as many characters as one of few', async () => {
  const said = [...Array.from({ length: 1000 }, () => text('x')), usage, done];
  expect((await bounded(...said)).told).toEqual(said);
});

test('an answer that fills the bound still ends by itself', async () => {
  const { told } = await bounded(text('x'.repeat(1000)), done);
  expect(told.at(-1)).toBe(done);
});

test('answers whose texts wait share a bound, and give back what they held when they end', async () => {
  const held = createHeldChars(1_000, 100);
  async function* saying(...events: TurnEvent[]) {
    yield* events;
  }
  const first = boundAnswer(saying(text('x'.repeat(900)), done), held);
  expect((await first.next()).value).toMatchObject({ type: 'text' });
  const second = boundAnswer(saying(text('x'.repeat(200)), done), held);
  expect((await second.next()).value).toMatchObject({ error: { code: 'backend_overloaded' } });
  const small = boundAnswer(saying(text('x'.repeat(90)), done), held);
  expect((await small.next()).value).toMatchObject({ type: 'text' });
  await first.return(undefined);
  await small.return(undefined);
  await second.return(undefined);
  expect(held.chars).toBe(0);
});
