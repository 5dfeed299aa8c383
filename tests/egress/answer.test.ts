import { answerText, createAnswerCollector, toolCallsOf } from '../../src/egress/answer.ts';
import { createTextJoiner } from '../../src/gateway/turn.ts';
import { text } from '../support/fake-exchange.ts';

const call = { type: 'tool_call', callId: 'c', name: 'f', arguments: '{}' } as const;
const thought = (delta: string, part: number) => ({ type: 'reasoning', delta, part }) as const;

test('an answer is put together in the order in which its parts began, however their deltas mix', () => {
  const collector = createAnswerCollector();
  const events = [
    thought('h', 0),
    text('a', 0),
    thought('m', 0),
    text('x', 1),
    text('b', 0),
    call,
    thought('2', 1),
  ];
  for (const event of events) collector.take(event);
  expect(collector.outputs).toEqual([
    { type: 'reasoning', text: 'hm' },
    { type: 'message', text: 'ab' },
    { type: 'message', text: 'x' },
    call,
    { type: 'reasoning', text: '2' },
  ]);
  expect(answerText(collector.outputs)).toBe('ab\n\nx');
  expect(toolCallsOf(collector.outputs)).toEqual([call]);
});

test('what was given up is no part of the answer', () => {
  const collector = createAnswerCollector();
  const givenUp = { type: 'given_up', messages: [1, 7], parts: [0] } as const;
  for (const event of [text('a', 0), thought('h', 0), text('b', 1), givenUp, text('c', 2)])
    collector.take(event);
  expect(collector.outputs).toEqual([
    { type: 'message', text: 'a' },
    { type: 'message', text: 'c' },
  ]);
});

test('a message keeps what it is meant as', () => {
  const collector = createAnswerCollector();
  for (const event of [text('a', 0), text('b', 1)]) collector.take({ ...event, phase: 'commentary' });
  expect(collector.outputs).toEqual(
    ['a', 'b'].map((each) => ({ type: 'message', text: each, phase: 'commentary' })),
  );
});

test('no message is no text, and an empty answer is none', () => {
  expect(answerText([call])).toBeNull();
  expect(createAnswerCollector().outputs).toEqual([]);
});

test('a joined stream has the same text as the whole answer', () => {
  const events = [text('a', 0), text('b', 0), text('c', 1), text('d', 2)];
  const collector = createAnswerCollector();
  for (const event of events) collector.take(event);
  expect(events.map(createTextJoiner()).join('')).toBe(answerText(collector.outputs));
});

test('very many messages are given up in one go', () => {
  const collector = createAnswerCollector();
  const messages = Array.from({ length: 100_000 }, (_, message) => message);
  for (const message of messages) collector.take(text('x', message));
  collector.take({ type: 'given_up', messages: messages.slice(1), parts: [] });
  expect(collector.outputs).toEqual([{ type: 'message', text: 'x' }]);
});
