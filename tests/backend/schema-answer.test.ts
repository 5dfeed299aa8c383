import { answerAlone } from '../../src/backend/schema-answer.ts';
import type { MessagePhase, TurnEvent, Usage } from '../../src/gateway/turn.ts';

const text = (delta: string, message = 0, phase?: MessagePhase): TurnEvent => ({
  type: 'text',
  delta,
  message,
  ...(phase && { phase }),
});
const done: TurnEvent = { type: 'done', finishReason: 'stop' };
const usage: TurnEvent = { type: 'usage', usage: { total_tokens: 1 } as Usage };
const call: TurnEvent = { type: 'tool_call', callId: 'c', name: 'n', arguments: '{}' };
const failed = { type: 'failed', error: new Error('x') } as unknown as TurnEvent;

const tell = (...events: TurnEvent[]): TurnEvent[] => {
  const told: TurnEvent[] = [];
  events.forEach(answerAlone((event) => void told.push(event)));
  return told;
};

test('what is said on the way is left out, and the answer comes as it is said', () => {
  const answer = [text('{"a"', 1, 'final_answer'), text(':1}', 1, 'final_answer')];
  expect(tell(text('I look.', 0, 'commentary'), ...answer, usage, done)).toEqual([...answer, usage, done]);
});

test('of messages that do not say what they are the last one is the answer, told once that is known', () => {
  const answer = [text('{"a"', 1), text(':1}', 1)];
  expect(tell(text('I ', 0), text('look.', 0), ...answer, usage, done)).toEqual([usage, ...answer, done]);
});

test('the answer that says that it is it stands in place of what came before, and is not undone by a comment', () => {
  const answer = text('{}', 1, 'final_answer');
  expect(tell(text('I look.', 0), answer, done)).toEqual([answer, done]);
  expect(tell(text('{}', 0), text('That is all.', 1, 'commentary'), done)).toEqual([text('{}', 0), done]);
});

test('what stands before a call is no answer', () => {
  expect(tell(text('I ask.', 0), call, { ...done, finishReason: 'tool_calls' })).toEqual([
    call,
    { ...done, finishReason: 'tool_calls' },
  ]);
});

test('a message that was given up is no answer', () => {
  const givenUp: TurnEvent = { type: 'given_up', messages: [0], parts: [] };
  expect(tell(text('{"a', 0), givenUp, done)).toEqual([givenUp, done]);
  expect(tell(text('{}', 1), givenUp, done)).toEqual([givenUp, text('{}', 1), done]);
});

test('reasoning passes at once, and a turn that fails has no answer to tell', () => {
  const thought: TurnEvent = { type: 'reasoning', delta: 'hm', part: 0 };
  expect(tell(text('{"a', 0), thought, failed)).toEqual([thought, failed]);
});
