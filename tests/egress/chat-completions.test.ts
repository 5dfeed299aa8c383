import { createEncoders } from '../../src/egress/create-encoder.ts';
import { type Frame, dataOf as lineOf } from '../../src/egress/encoder.ts';
import { errorBody, GatewayError } from '../../src/errors.ts';
import { aTurn, aUsage, IDS, text } from '../support/fake-exchange.ts';
import { isTerminal, valueIn } from '../support/frames.ts';

/** The shapes follow `ChatCompletion` and `ChatCompletionChunk` of the openai package (openai-node, 2026). */
const createEncoder = createEncoders({ newId: () => 'abc123', nowSeconds: () => 1_795_000_000 });
const encode = (turn = {}) => createEncoder(aTurn(turn));
const dataOf = (frames: Frame[]): unknown[] => frames.map(valueIn);

const wireUsage = {
  prompt_tokens: 10,
  completion_tokens: 6,
  total_tokens: 16,
  prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 3 },
  completion_tokens_details: { reasoning_tokens: 2 },
};
const head = { id: 'chatcmpl-abc123', created: 1_795_000_000, model: 'echo' };
const chunk = (delta: unknown, finish_reason: string | null = null) => ({
  ...head,
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta, logprobs: null, finish_reason }],
});

const call = { type: 'tool_call', callId: 'call_1', name: 'weather', arguments: '{"city":"Oslo"}' } as const;
const BEGUN = chunk({ role: 'assistant', content: '' });

test('a stream begins with the role: with an empty content before text, or where nothing is said', () => {
  expect(dataOf(encode().content(text('a')))).toEqual([BEGUN, chunk({ content: 'a' })]);
  expect(dataOf(encode().done('stop', null))).toEqual([BEGUN, chunk({}, 'stop'), '[DONE]']);
});

test('a stream that begins with a call has no content, as the whole answer', () => {
  const encoder = encode();
  const [first, ...others] = dataOf([...encoder.content(call), ...encoder.content(text('a'))]);
  expect(first).toEqual(chunk({ role: 'assistant', content: null }));
  expect(others).not.toContainEqual(BEGUN);
});

test('what was given up stays in a stream, which cannot take it back', () => {
  const encoder = encode();
  encoder.content(text('a'));
  expect(encoder.content({ type: 'given_up', messages: [0], parts: [] })).toEqual([]);
});

test('each text is a delta of its own, with the stream’s id, time and model', () => {
  expect(dataOf(encode().content(text('na\u00efve "quoted"\n')))).toEqual([
    BEGUN,
    chunk({ content: 'naïve "quoted"\n' }),
  ]);
});

test('a stream ends with the finish reason, an empty delta and [DONE]', () => {
  expect(dataOf(encode().done('stop', aUsage)).slice(1)).toEqual([chunk({}, 'stop'), '[DONE]']);
});

test.each(['stop', 'length', 'content_filter'] as const)('the finish reason %s is passed on', (reason) => {
  expect(dataOf(encode().done(reason, null))[1]).toEqual(chunk({}, reason));
});

test('with include_usage every chunk has a null usage, and one without choices has the numbers', () => {
  const encoder = encode({ answer: { api: 'chat', includeUsage: true } });
  expect(dataOf([...encoder.content(text('hi')), ...encoder.done('stop', aUsage)])).toEqual([
    { ...BEGUN, usage: null },
    { ...chunk({ content: 'hi' }), usage: null },
    { ...chunk({}, 'stop'), usage: null },
    { ...head, object: 'chat.completion.chunk', choices: [], usage: wireUsage },
    '[DONE]',
  ]);
});

test('usage that the provider did not give is not invented', () => {
  const frames = dataOf(encode({ answer: { api: 'chat', includeUsage: true } }).done('stop', null));
  // Clients read `usage.total_tokens` of a chunk without choices, so there is none without counts.
  expect(frames).toEqual([
    expect.objectContaining({ choices: [expect.anything()] }),
    expect.objectContaining({ choices: [expect.anything()] }),
    '[DONE]',
  ]);
  expect(encode({ stream: false }).whole([{ type: 'message', text: 'hi' }], 'stop', null)).not.toHaveProperty(
    'usage',
  );
});

test('a plain answer is one object', () => {
  expect(encode({ stream: false }).whole([{ type: 'message', text: 'hello' }], 'stop', aUsage)).toEqual({
    ...head,
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: 'hello', refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: wireUsage,
  });
});

test('an error frame is the error’s own body', () => {
  const error = new GatewayError('backend_error', 'm');
  expect(dataOf(encode().failed(error, IDS, null))).toEqual([errorBody(error, IDS)]);
});

test('only [DONE] is terminal, and only texts carry text', () => {
  const encoder = encode({ answer: { api: 'chat', includeUsage: true } });
  const frames = [
    ...encoder.content(text('hi')),
    ...encoder.done('stop', aUsage),
    ...encoder.failed(new GatewayError('backend_error', 'm'), IDS, null),
  ];
  expect(frames.filter(isTerminal).map(valueIn)).toEqual(['[DONE]']);
  expect(frames.flatMap((frame) => (frame.type === 'delta' ? frame.delta : []))).toEqual(['hi']);
});

test('the frames of a text have the same JSON around their deltas, whatever stands in it', () => {
  const encoder = encode({ model: 'x "x" \u0000 ,"content":"' });
  const [, ...frames] = ['one', 'x', '"', ''].flatMap((delta) => encoder.content(text(delta)));
  const arounds = frames.map((frame) => frame.type === 'delta' && [frame.before, frame.after]);
  expect(new Set(arounds.map((around) => JSON.stringify(around))).size).toBe(1);
  for (const frame of frames) {
    if (frame.type !== 'delta') throw new Error('no delta');
    expect(JSON.parse(frame.before + JSON.stringify('shown') + frame.after)).toMatchObject({
      model: 'x "x" \u0000 ,"content":"',
      choices: [{ delta: { content: 'shown' } }],
    });
  }
});

test('every frame is one line, whatever the text holds', () => {
  for (const frame of encode().content(text('a\nb\r\n\u2028data: x\n\n')))
    expect(lineOf(frame)).not.toMatch(/[\r\n]/);
});

test('messages of one turn are one text, with a blank line between them', () => {
  const encoder = encode();
  const frames = [text('a', 0), text('b', 0), text('c', 1)].flatMap((event) => encoder.content(event));
  expect(dataOf(frames).slice(1)).toEqual(['a', 'b', '\n\nc'].map((content) => chunk({ content })));
  const outputs = [
    { type: 'message', text: 'ab' },
    { type: 'message', text: 'c' },
  ] as const;
  expect(encode().whole(outputs, 'stop', null)).toMatchObject({
    choices: [{ message: { content: 'ab\n\nc' } }],
  });
});

test('a tool call is streamed as its id and name, then its arguments, each call under an index of its own', () => {
  const encoder = encode();
  const frames = [...encoder.content(call), ...encoder.content({ ...call, callId: 'call_2' })];
  const opened = { type: 'function', function: { name: 'weather', arguments: '' } };
  const args = { function: { arguments: '{"city":"Oslo"}' } };
  expect(dataOf(frames).slice(1)).toEqual([
    chunk({ tool_calls: [{ index: 0, id: 'call_1', ...opened }] }),
    chunk({ tool_calls: [{ index: 0, ...args }] }),
    chunk({ tool_calls: [{ index: 1, id: 'call_2', ...opened }] }),
    chunk({ tool_calls: [{ index: 1, ...args }] }),
  ]);
});

test('a plain answer that calls tools has no content but theirs', () => {
  expect(encode().whole([call], 'tool_calls', null)).toMatchObject({
    choices: [
      {
        finish_reason: 'tool_calls',
        message: {
          content: null,
          tool_calls: [
            { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } },
          ],
        },
      },
    ],
  });
});
