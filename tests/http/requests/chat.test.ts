import type { Item } from '../../../src/gateway/turn.ts';
import { textOfParts } from '../../../src/http/requests/conversation.ts';
import { chatCallOf } from '../../support/calls.ts';
import { refusalOf } from '../../support/thrown.ts';

const turnOf = (body: Record<string, unknown>) => chatCallOf(body).turn;
const shown = (item: Item): string => {
  switch (item.type) {
    case 'message':
      return `${item.role}: ${textOfParts(item.parts)}`;
    case 'tool_call':
      return `call ${item.callId}: ${item.name} ${item.arguments}`;
    case 'tool_result':
      return `result ${item.callId}: ${item.output}`;
    case 'reasoning':
      return `reasoning: ${item.text}`;
  }
};
const split = (...messages: [role: string, content: unknown][]) => {
  const { instructions, history, input } = turnOf({
    messages: messages.map(([role, content]) => ({ role, content })),
  });
  return { instructions, history: history.map(shown), input: input && textOfParts(input) };
};

test('one user message is the input', () => {
  expect(split(['user', 'hi'])).toEqual({ instructions: null, history: [], input: 'hi' });
});

test('leading system and developer messages are the instructions, joined by a blank line', () => {
  expect(split(['system', 'Be kind.'], ['developer', 'Be brief.'], ['user', 'hi'])).toEqual({
    instructions: 'Be kind.\n\nBe brief.',
    history: [],
    input: 'hi',
  });
});

test('what lies between is history, in the order sent, a later system message too', () => {
  expect(
    split(
      ['system', 's'],
      ['user', 'u1'],
      ['assistant', 'a1'],
      ['system', 's2'],
      ['user', 'u2'],
      ['user', 'u3'],
    ),
  ).toEqual({
    instructions: 's',
    history: ['user: u1', 'assistant: a1', 'system: s2', 'user: u2'],
    input: 'u3',
  });
});

const afterAssistant = (fields: Record<string, unknown>) =>
  turnOf({
    messages: [
      { role: 'assistant', content: null, ...fields },
      { role: 'user', content: 'u' },
    ],
  });

test('what the assistant refused is a part of the conversation, as what it said', () => {
  expect(afterAssistant({ refusal: 'I cannot.' }).history.map(shown)).toEqual(['assistant: I cannot.']);
  expect(afterAssistant({ content: 'No.', refusal: null }).history.map(shown)).toEqual(['assistant: No.']);
  expect(refusalOf(() => afterAssistant({ refusal: 5 }))).toMatchObject({ param: 'messages[0].refusal' });
});

test.each([
  ['function_call', { name: 'f', arguments: '{}' }],
  ['audio', { id: 'audio_1' }],
])('the %s of an assistant would be missed, so it is refused by its place', (field, value) => {
  expect(refusalOf(() => afterAssistant({ [field]: value }))).toMatchObject({
    code: 'unsupported_parameter',
    param: `messages[0].${field}`,
  });
  expect(afterAssistant({ content: 'a', [field]: null }).history).toHaveLength(1);
});

test.each([{}, { content: undefined }, { refusal: null, tool_calls: null }, { tool_calls: [] }])(
  'a message in which the assistant neither says nor calls anything (%j) is refused; an empty text is a text',
  (fields) => {
    expect(refusalOf(() => afterAssistant(fields))).toMatchObject({
      code: 'missing_required_parameter',
      status: 400,
      param: 'messages[0].content',
    });
    expect(() => afterAssistant({ ...fields, content: '' })).not.toThrow();
  },
);

test('a conversation that ends with somebody else has no input, and nothing of it is lost', () => {
  expect(split(['user', 'u1'], ['assistant', 'a1'])).toEqual({
    instructions: null,
    history: ['user: u1', 'assistant: a1'],
    input: null,
  });
  expect(split(['user', 'u1'], ['system', 'now']).history).toEqual(['user: u1', 'system: now']);
});

test('instructions alone are instructions alone', () => {
  expect(split(['system', 'a'], ['developer', 'b'])).toEqual({
    instructions: 'a\n\nb',
    history: [],
    input: null,
  });
});

test('an empty text is a text', () => {
  expect(split(['system', ''], ['user', ''])).toEqual({ instructions: '', history: [], input: '' });
});

test('parts of text are put together as they are', () => {
  const parts = [
    { type: 'text', text: 'one ' },
    { type: 'text', text: 'two\n' },
  ];
  expect(split(['user', parts]).input).toBe('one two\n');
});

test('streaming and its usage are off unless they are asked for', () => {
  expect(turnOf({})).toMatchObject({ stream: false, answer: { api: 'chat', includeUsage: false } });
  expect(turnOf({ stream: null })).toMatchObject({ stream: false });
  expect(turnOf({ stream: true })).toMatchObject({ stream: true, answer: { includeUsage: false } });
  expect(turnOf({ stream: true, stream_options: { include_usage: true } })).toMatchObject({
    answer: { includeUsage: true },
  });
  expect(turnOf({ stream: true, stream_options: {} })).toMatchObject({ answer: { includeUsage: false } });
});

test.each([
  ['n', 2],
  ['functions', [{ name: 'f' }]],
  ['logprobs', true],
  ['top_logprobs', 3],
  ['logit_bias', { 50256: -100 }],
  ['audio', { voice: 'alloy', format: 'wav' }],
  ['modalities', ['text', 'audio']],
  ['web_search_options', {}],
])('%s = %j would change the answer, so it is refused by name', (param, value) => {
  expect(refusalOf(() => turnOf({ [param]: value }))).toMatchObject({
    code: 'unsupported_parameter',
    status: 400,
    param,
    message: expect.stringContaining(`'${param}'`),
  });
});

test.each([
  ['n', 1],
  ['tools', []],
  ['functions', []],
  ['tool_choice', 'auto'],
  ['tool_choice', 'none'],
  ['stop', []],
  ['logprobs', false],
  ['top_logprobs', 0],
  ['logit_bias', {}],
  ['modalities', ['text']],
  ['response_format', { type: 'text' }],
  ['user', 'u'],
  ['metadata', { a: 'b' }],
])('%s = %j asks for what is done anyway', (param, value) => {
  expect(() => turnOf({ [param]: value })).not.toThrow();
  expect(() => turnOf({ [param]: null })).not.toThrow();
});

test.each([{}, { stream: false }, { stream: null }])(
  'stream_options without a stream (%j) are refused',
  (body) => {
    const refused = refusalOf(() => turnOf({ ...body, stream_options: { include_usage: true } }));
    expect(refused).toMatchObject({ code: 'invalid_value', param: 'stream_options' });
  },
);
