import { parseTurnNotification } from '../../../../src/backend/app-server/turn/notifications.ts';
import { createTurnReducer } from '../../../../src/backend/app-server/turn/turn-reducer.ts';
import type { TurnEvent } from '../../../../src/gateway/turn.ts';
import {
  itemCompleted,
  itemStarted,
  message,
  type Notified,
  textDelta,
  tokens,
  turnCompleted,
} from '../../../support/notifications.ts';

const reduce = (...notifications: Notified[]): TurnEvent[] => {
  const take = createTurnReducer();
  return notifications.flatMap(([method, params]) => {
    const parsed = parseTurnNotification(method, params);
    return parsed.type === 'known' ? take(parsed.notification) : [];
  });
};

const messagesOf = (events: TurnEvent[]): string[] => {
  const texts: string[] = [];
  for (const event of events) {
    if (event.type === 'text') texts[event.message] = (texts[event.message] ?? '') + event.delta;
  }
  return texts;
};
const textOf = (events: TurnEvent[]): string =>
  events.map((event) => (event.type === 'text' ? event.delta : '')).join('');

test('deltas become the text, one by one and unchanged', () => {
  const events = reduce(textDelta('Hel'), textDelta('lo \n'), textDelta('wörld 😀'));
  expect(events).toEqual([
    { type: 'text', delta: 'Hel', message: 0 },
    { type: 'text', delta: 'lo \n', message: 0 },
    { type: 'text', delta: 'wörld 😀', message: 0 },
  ]);
});

test('a message that came as deltas is not said again when its item completes', () => {
  const events = reduce(textDelta('Hi'), itemCompleted(message('m1', 'Hi')));
  expect(textOf(events)).toBe('Hi');
});

test('several messages of one turn are told apart, in the order in which they began', () => {
  const events = reduce(
    textDelta('I will look.', 'm1'),
    itemCompleted(message('m1', 'I will look.')),
    itemCompleted({ type: 'commandExecution', id: 'c1', command: 'ls', status: 'completed' }),
    textDelta('There ', 'm2'),
    textDelta('it is.', 'm2'),
    itemCompleted(message('m2', 'There it is.')),
  );
  expect(messagesOf(events)).toEqual(['I will look.', 'There it is.']);
});

test('a message without deltas is taken from its completed item', () => {
  const events = reduce(
    itemCompleted(message('m1', 'One.')),
    textDelta('Two.', 'm2'),
    itemCompleted(message('m3', 'Three.')),
  );
  expect(messagesOf(events)).toEqual(['One.', 'Two.', 'Three.']);
});

test('empty deltas and empty messages say nothing and are not counted', () => {
  const events = reduce(
    textDelta('', 'm1'),
    itemCompleted(message('m1', '')),
    textDelta('', 'm2'),
    textDelta('Hi', 'm2'),
    itemCompleted(message('m3', '')),
  );
  expect(events).toEqual([{ type: 'text', delta: 'Hi', message: 0 }]);
});

test('a message is marked by what it says of itself as it begins, where an API has a word for that', () => {
  const begun = (id: string, phase: unknown) => itemStarted({ ...message(id, ''), phase });
  const events = reduce(
    begun('m1', 'commentary'),
    textDelta('I will look.', 'm1'),
    itemCompleted({ ...message('m2', 'It is there.'), phase: 'final_answer' }),
    begun('m3', null),
    textDelta('And more.', 'm3'),
    begun('m4', 'partial_answer'),
    textDelta('And more.', 'm4'),
  );
  expect(events).toEqual([
    { type: 'text', delta: 'I will look.', message: 0, phase: 'commentary' },
    { type: 'text', delta: 'It is there.', message: 1, phase: 'final_answer' },
    { type: 'text', delta: 'And more.', message: 2 },
    { type: 'text', delta: 'And more.', message: 3 },
  ]);
});

test('text of other items is not the answer', () => {
  const events = reduce(
    itemCompleted({ type: 'userMessage', id: 'u', text: 'the prompt' }),
    itemCompleted({ type: 'plan', id: 'p', text: 'a plan' }),
  );
  expect(events).toEqual([]);
});

test('reasoning comes as reasoning', () => {
  const params = { threadId: 'th', turnId: 't', itemId: 'r', delta: 'hmm' };
  expect(reduce(['item/reasoning/summaryTextDelta', params], ['item/reasoning/textDelta', params])).toEqual([
    { type: 'reasoning', delta: 'hmm', part: 0 },
    { type: 'reasoning', delta: 'hmm', part: 0 },
  ]);
});

test('usage is what the thread has used in all, with the tokens of the cache and of reasoning', () => {
  expect(reduce(tokens())).toEqual([
    {
      type: 'usage',
      usage: {
        input_tokens: 10,
        cached_input_tokens: 4,
        cache_write_input_tokens: 3,
        output_tokens: 6,
        reasoning_output_tokens: 2,
        total_tokens: 16,
      },
    },
  ]);
});

test('an app-server that does not count what is written to the cache has written nothing', () => {
  expect(reduce(tokens({ cacheWriteInputTokens: undefined }))).toMatchObject([
    { usage: { cache_write_input_tokens: 0 } },
  ]);
});

test('a total without parts was made up by Codex and is no usage; a true zero is', () => {
  expect(reduce(tokens({ totalTokens: 258_400, inputTokens: 0, outputTokens: 0 }))).toEqual([]);
  expect(reduce(tokens({ totalTokens: 0, inputTokens: 0, outputTokens: 0 }))).toHaveLength(1);
});

test('only the end of the turn ends the answer', () => {
  expect(reduce(itemCompleted(message('m1', 'Hi')), tokens()).map(({ type }) => type)).toEqual([
    'text',
    'usage',
  ]);
  expect(reduce(turnCompleted())).toEqual([{ type: 'done', finishReason: 'stop' }]);
});

test('a turn that the backend interrupted by itself has failed', () => {
  expect(reduce(turnCompleted('interrupted'))).toMatchObject([
    { type: 'failed', error: { code: 'backend_error', outcome: 'backend_error' } },
  ]);
});

test('a status that is not known has failed, rather than succeeded', () => {
  expect(reduce(turnCompleted('exploded'))).toMatchObject([{ type: 'failed' }]);
});

const errorSaid = (willRetry: unknown): Notified => {
  const error = { message: 'Reconnecting 1/5', codexErrorInfo: null };
  return ['error', { threadId: 'th', turnId: 't', error, willRetry }];
};
const thought = (delta: string, itemId: string): Notified => [
  'item/reasoning/summaryTextDelta',
  { threadId: 'th', turnId: 't', itemId, delta, summaryIndex: 0 },
];

test('a retry that the backend announces does not end the turn', () => {
  expect(reduce(errorSaid(true))).toEqual([]);
});

test('what was begun before a retry and is not complete is given up, once', () => {
  const events = reduce(
    thought('done', 'r1'),
    itemCompleted({ type: 'reasoning', id: 'r1' }),
    textDelta('Whole.', 'm1'),
    itemCompleted(message('m1', 'Whole.')),
    thought('cut', 'r2'),
    textDelta('Cut', 'm2'),
    errorSaid(true),
    errorSaid(true),
    textDelta('Said anew.', 'm3'),
  );
  expect(events.slice(4)).toEqual([
    { type: 'given_up', messages: [1], parts: [1] },
    { type: 'text', delta: 'Said anew.', message: 2 },
  ]);
});

test.each([false, undefined, 'yes'])(
  'an error whose willRetry is %s gives nothing up, and ends nothing',
  (said) => {
    expect(reduce(textDelta('Cut', 'm1'), errorSaid(said))).toHaveLength(1);
  },
);

test('what was given up is nothing that was said, when the next try ends the turn', () => {
  const overflow = turnCompleted('failed', { message: 'x', codexErrorInfo: 'contextWindowExceeded' });
  const cutTwice = [textDelta('Cut', 'm1'), errorSaid(true), textDelta('Cut', 'm2'), errorSaid(true)];
  expect(reduce(...cutTwice, overflow).at(-1)).toMatchObject({
    type: 'failed',
    error: { code: 'context_length_exceeded' },
  });
  expect(reduce(...cutTwice, textDelta('Said', 'm3'), overflow).at(-1)).toEqual({
    type: 'done',
    finishReason: 'length',
  });
});
