import { createEncoders } from '../../src/egress/create-encoder.ts';
import { type Frame, dataOf as lineOf } from '../../src/egress/encoder.ts';
import type { AnswerShape, Tool } from '../../src/gateway/turn.ts';
import { ANSWERS } from '../../src/http/openapi/answers.ts';
import { response, responseStreamEvent } from '../../src/http/openapi/responses-answers.ts';
import { aTurn } from '../support/fake-exchange.ts';

const tools: Tool[] = [
  { name: 'apply_patch', description: '', parameters: {}, form: { type: 'custom' } },
  { name: 'tool_search', description: '', parameters: {}, form: { type: 'search' } },
  {
    name: 'clock__sleep',
    description: '',
    parameters: {},
    form: { type: 'namespaced', namespace: 'clock', name: 'sleep' },
  },
];
const ECHO = {
  instructions: null,
  metadata: {},
  tools: [],
  toolChoice: 'auto',
  parallelToolCalls: true,
  format: { type: 'text' },
} as const;

const encoderOf = (answer: AnswerShape) =>
  createEncoders({ newId: () => '1', nowSeconds: () => 0 })(aTurn({ answer, tools }));

const call = (name: string, args: string) =>
  ({ type: 'tool_call', callId: 'c', name, arguments: args }) as const;
const dataOf = (frames: Frame[]) => frames.map((frame) => JSON.parse(lineOf(frame)));

const inResponses = (name: string, args: string) => {
  const answer = { api: 'responses', echo: ECHO } as const;
  const frames = dataOf(encoderOf(answer).content(call(name, args)));
  const whole = encoderOf(answer).whole([call(name, args)], 'tool_calls', null) as { output: unknown[] };
  for (const frame of frames) expect(() => responseStreamEvent.parse(frame)).not.toThrow();
  expect(() => response.parse(whole)).not.toThrow();
  // Streamed and whole, the finished item is the same.
  expect(frames.at(-1).item).toEqual(whole.output[0]);
  return { types: frames.map(({ type }) => type), item: whole.output[0], frames };
};

test('a call of a custom tool is one again in a response, with its text', () => {
  const { types, item, frames } = inResponses('apply_patch', '{"input":"*** \\"x\\""}');
  expect(types).toEqual([
    'response.output_item.added',
    'response.custom_tool_call_input.delta',
    'response.custom_tool_call_input.done',
    'response.output_item.done',
  ]);
  expect(item).toEqual({
    id: 'ctc_1_0',
    type: 'custom_tool_call',
    status: 'completed',
    call_id: 'c',
    name: 'apply_patch',
    input: '*** "x"',
  });
  expect(frames[0].item).toMatchObject({ status: 'in_progress', input: '' });
  expect(frames[2].input).toBe('*** "x"');
});

test.each(['raw text', '{"patch":"x"}', '"x"'])(
  'arguments of another shape (%j) are the text themselves',
  (args) => {
    expect(inResponses('apply_patch', args).item).toMatchObject({ input: args });
  },
);

test('a search for tools has its arguments as an object', () => {
  const { types, item } = inResponses('tool_search', '{"query":"mail"}');
  expect(types).toEqual(['response.output_item.added', 'response.output_item.done']);
  expect(item).toMatchObject({ type: 'tool_search_call', execution: 'client', arguments: { query: 'mail' } });
});

test('a tool of a namespace has its own name and that of the namespace', () => {
  expect(inResponses('clock__sleep', '{}').item).toMatchObject({
    type: 'function_call',
    namespace: 'clock',
    name: 'sleep',
    arguments: '{}',
  });
});

test('a call of a custom tool is one again in a chat, streamed and whole', () => {
  const answer = { api: 'chat', includeUsage: false } as const;
  const one = call('apply_patch', '{"input":"x"}');
  expect(encoderOf(answer).whole([one], 'tool_calls', null)).toMatchObject({
    choices: [
      { message: { tool_calls: [{ id: 'c', type: 'custom', custom: { name: 'apply_patch', input: 'x' } }] } },
    ],
  });
  const chunks = dataOf(encoderOf(answer).content(one));
  for (const chunk of chunks.slice(1)) expect(() => ANSWERS.ChatCompletionChunk.parse(chunk)).not.toThrow();
  const deltas = dataOf(encoderOf(answer).content(one)).flatMap(
    ({ choices }) => choices[0].delta.tool_calls ?? [],
  );
  expect(deltas).toEqual([
    { index: 0, id: 'c', type: 'custom', custom: { name: 'apply_patch', input: '' } },
    { index: 0, custom: { input: 'x' } },
  ]);
});
