import { createEncoders } from '../../src/egress/create-encoder.ts';
import type { Frame } from '../../src/egress/encoder.ts';
import { errorBody, GatewayError } from '../../src/errors.ts';
import { ANSWERS } from '../../src/http/openapi/answers.ts';
import { aTurn, aUsage, IDS, text } from '../support/fake-exchange.ts';
import { valueIn } from '../support/frames.ts';

const createEncoder = createEncoders({ newId: () => 'abc', nowSeconds: () => 7 });
const encode = (options: { includeUsage?: boolean; echo?: string } = {}) =>
  createEncoder(aTurn({ answer: { api: 'completions', includeUsage: false, echo: '', ...options } }));
const dataOf = (frames: Frame[]): unknown[] => frames.map(valueIn);
const head = { id: 'cmpl-abc', object: 'text_completion', created: 7, model: 'echo' };
const chunk = (said: string, finish_reason: string | null = null) => ({
  ...head,
  choices: [{ text: said, index: 0, logprobs: null, finish_reason }],
});

test('a stream is texts, the finish reason and [DONE]', () => {
  const encoder = encode();
  const frames = [
    ...encoder.open(),
    ...encoder.content(text('a')),
    ...encoder.content(text('b', 1)),
    ...encoder.done('stop', aUsage),
  ];
  expect(dataOf(frames)).toEqual([chunk('a'), chunk('\n\nb'), chunk('', 'stop'), '[DONE]']);
});

test('echo comes first, streamed or whole', () => {
  expect(dataOf(encode({ echo: 'Say: ' }).open())).toEqual([chunk('Say: ')]);
  expect(encode({ echo: 'Say: ' }).whole([{ type: 'message', text: 'hi' }], 'stop', null)).toEqual(
    chunk('Say: hi', 'stop'),
  );
});

test('usage is in a chunk of its own where it is asked for, and in a plain answer always', () => {
  const encoder = encode({ includeUsage: true });
  expect(dataOf(encoder.done('stop', aUsage))[1]).toMatchObject({ choices: [], usage: { total_tokens: 16 } });
  const whole = encode().whole([{ type: 'message', text: 'hi' }], 'length', aUsage);
  expect(ANSWERS.Completion.strict().parse(whole)).toMatchObject({ usage: { prompt_tokens: 10 } });
});

test('thoughts and tools have no place in this API', () => {
  expect(encode().content({ type: 'reasoning', delta: 'hm', part: 0 })).toEqual([]);
  expect(encode().content({ type: 'tool_call', callId: 'c', name: 'f', arguments: '{}' })).toEqual([]);
});

test('an error frame is the error’s own body', () => {
  const error = new GatewayError('backend_error', 'm');
  expect(dataOf(encode().failed(error, IDS, null))).toEqual([errorBody(error, IDS)]);
});
