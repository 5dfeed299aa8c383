import { createAnswerBound } from '../../src/backend/answer-bound.ts';
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

/** What is told of an answer that may have 1000 characters. */
const bounded = (...events: TurnEvent[]): (TurnEvent | { code: string })[] => {
  const bound = createAnswerBound(null, 1000);
  const told: (TurnEvent | { code: string })[] = [];
  for (const event of events) {
    const error = bound.take(event);
    told.push(error ?? event);
    if (error) break;
  }
  return told;
};

test('an answer within the bound passes as it is', () => {
  const said = [reasoning('r'.repeat(300)), text('t'.repeat(300)), call('a'.repeat(200)), usage, done];
  expect(bounded(...said)).toEqual(said);
});

test.each([
  ['its text', text('x'.repeat(600))],
  ['its reasoning', reasoning('x'.repeat(600))],
  ["a tool's arguments", call('x'.repeat(600))],
])('an answer that grows larger by %s fails', (_, event) => {
  expect(bounded(text('x'.repeat(600)), event, done)).toMatchObject([
    { type: 'text' },
    { code: 'answer_too_large', status: 502, outcome: 'backend_error' },
  ]);
});

test('an answer of very many small pieces may have as many characters as one of few', () => {
  const said = [...Array.from({ length: 1000 }, () => text('x')), usage, done];
  expect(bounded(...said)).toEqual(said);
});

test('an answer that fills the bound still ends by itself', () => {
  expect(bounded(text('x'.repeat(1000)), done).at(-1)).toBe(done);
});

test('answers whose texts wait share a bound, and give back what they held when they end', () => {
  const held = createHeldChars(1_000, 100);
  const [first, second, small] = [held, held, held].map((shared) => createAnswerBound(shared));
  expect(first?.take(text('x'.repeat(900)))).toBeNull();
  expect(second?.take(text('x'.repeat(200)))).toMatchObject({ code: 'backend_overloaded' });
  expect(small?.take(text('x'.repeat(90)))).toBeNull();
  for (const bound of [first, small, second]) bound?.close();
  expect(held.chars).toBe(0);
});
