import { responsesCallOf } from '../../support/calls.ts';
import { refusalOf } from '../../support/thrown.ts';

const callOf = (...input: unknown[]) => responsesCallOf({ input });
const user = (content: unknown) => ({ role: 'user', content });
const call = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'f', arguments: '{}' };
const output = (value: unknown) => ({ type: 'function_call_output', call_id: 'call_1', output: value });

test('messages are taken with and without their type, their id and their status', () => {
  const { turn } = callOf(
    user('u1'),
    {
      type: 'message',
      id: 'msg_1',
      status: 'completed',
      role: 'assistant',
      content: [
        { type: 'output_text', text: 'a', annotations: [] },
        { type: 'refusal', refusal: 'b' },
      ],
    },
    { type: 'message', ...user([{ type: 'input_text', text: 'u2' }]) },
  );
  expect(turn.history).toEqual([
    { type: 'message', role: 'user', parts: [{ type: 'text', text: 'u1' }] },
    {
      type: 'message',
      role: 'assistant',
      parts: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
    },
  ]);
  expect(turn.input).toEqual([{ type: 'text', text: 'u2' }]);
});

test("an assistant's message may say what it was meant as; words that nobody knows say nothing", () => {
  const said = (phase: unknown, role = 'assistant') => ({ role, content: 'a', phase });
  const { turn } = callOf(
    user('u'),
    said('commentary'),
    said('final_answer'),
    said(null),
    said('someday'),
    said('commentary', 'user'),
    user('v'),
  );
  const phases = turn.history.map((item) => 'phase' in item && item.phase);
  expect(phases).toEqual([false, 'commentary', 'final_answer', false, false, false]);
  expect(refusalOf(() => callOf(said(5)))).toMatchObject({ param: 'input[0].phase' });
});

test('an image of the user is handed on', () => {
  const image = { type: 'input_image', detail: 'auto', image_url: 'data:image/png;base64,AAAA' };
  expect(callOf(user([image])).turn.input).toEqual([{ type: 'image', url: 'data:image/png;base64,AAAA' }]);
});

test('how closely an image is to be looked at has no effect, so it is named, in a message and in a result', () => {
  const image = (detail: unknown) => ({ type: 'input_image', image_url: 'data:image/png;base64,AA', detail });
  const images = [image('auto'), image('high'), image(null)];
  const text = { type: 'input_text', text: 'u', detail: 'high' };
  const { ignored } = callOf(user([text, ...images]), call, output(images));
  expect(ignored).toEqual(['input[0].content[2].detail', 'input[2].output[1].detail']);
});

test('a call and its result, as text or as parts of text, are steps of the history', () => {
  const parts = [
    { type: 'input_text', text: 'sun' },
    { type: 'input_text', text: 'ny' },
  ];
  for (const value of ['sunny', parts]) {
    const { turn } = callOf(user('u'), call, output(value));
    expect(turn.input).toBe(null);
    expect(turn.history.slice(1)).toEqual([
      { type: 'tool_call', callId: 'call_1', name: 'f', arguments: '{}' },
      { type: 'tool_result', callId: 'call_1', output: 'sunny' },
    ]);
  }
});

test.each([
  'reasoning',
  'custom_tool_call',
  'custom_tool_call_output',
  'local_shell_call',
  'web_search_call',
  'new',
])('an item of type %s is left out and named', (type) => {
  const { turn, ignored } = callOf(user('u1'), { type, id: 'x' }, user('u2'));
  expect(ignored).toEqual(['input[1]']);
  expect(turn.history).toHaveLength(1);
});

test('of many items that are left out the first ones are named, and the others counted', () => {
  const { ignored } = callOf(...Array.from({ length: 500 }, () => ({ type: 'reasoning' })), user('u'));
  expect(ignored).toHaveLength(21);
  expect(ignored.slice(-2)).toEqual(['input[19]', 'input (480 more)']);
});

test.each(['msg_1', 'fc_1', 'x'])(
  '%s that is stored elsewhere cannot be referred to, and the way out is told',
  (id) => {
    const refused = refusalOf(() => callOf(user('u'), { type: 'item_reference', id }));
    expect(refused).toMatchObject({
      code: 'unsupported_parameter',
      param: 'input[1]',
      message: expect.stringContaining('nothing is stored'),
    });
    expect(refused.message).toContain('send the item itself');
    expect(refused.message).toContain('`store: false`');
  },
);

test('a reference to a thought is left out and named as the thought itself', () => {
  const { turn, ignored } = callOf(user('u1'), { type: 'item_reference', id: 'rs_1' }, user('u2'));
  expect(ignored).toEqual(['input[1]']);
  expect(turn.history).toHaveLength(1);
});

test('images belong to messages of the user', () => {
  const image = { type: 'input_image', image_url: 'https://example.com/a.png' };
  expect(refusalOf(() => callOf({ role: 'developer', content: [image] }))).toMatchObject({
    code: 'unsupported_parameter',
    param: 'input[0].content[0]',
  });
});

test.each([
  [[call], 'input[0].call_id'],
  [[user('u'), output('x')], 'input[1].call_id'],
])('a call without its result, or a result without its call, is refused: %j', (input, param) => {
  expect(refusalOf(() => callOf(...input))).toMatchObject({ code: 'invalid_value', param });
});

test.each([
  [5, 'invalid_type', 'input[0]'],
  [null, 'invalid_type', 'input[0]'],
  [{ role: 'user' }, 'missing_required_parameter', 'input[0].content'],
  [{ content: 'hi' }, 'missing_required_parameter', 'input[0].role'],
  [{ role: 'tool', content: 'hi' }, 'invalid_value', 'input[0].role'],
  [{ type: 5 }, 'invalid_value', 'input[0].type'],
  [user(5), 'invalid_type', 'input[0].content'],
  [user([{ type: 'input_text', text: 5 }]), 'invalid_type', 'input[0].content[0].text'],
  [user([{ type: 'input_file', file_id: 'f' }]), 'unsupported_parameter', 'input[0].content[0]'],
  [user([{ type: 'input_audio', input_audio: {} }]), 'unsupported_parameter', 'input[0].content[0]'],
  [user([{ type: 'smell' }]), 'invalid_value', 'input[0].content[0].type'],
  [
    user([{ type: 'input_image', file_id: 'f' }]),
    'missing_required_parameter',
    'input[0].content[0].image_url',
  ],
  [user([{ type: 'input_image', image_url: 'file:///x' }]), 'invalid_value', 'input[0].content[0].image_url'],
  [{ ...call, arguments: {} }, 'invalid_type', 'input[0].arguments'],
  [{ ...call, name: 'a b' }, 'invalid_value', 'input[0].name'],
  [{ ...call, call_id: undefined }, 'missing_required_parameter', 'input[0].call_id'],
  [{ type: 'item_reference' }, 'missing_required_parameter', 'input[0].id'],
  [output(5), 'invalid_type', 'input[0].output'],
  [output([{ type: 'input_file', file_id: 'f' }]), 'unsupported_parameter', 'input[0].output[0]'],
])('%j is refused with the path of the field at fault', (item, code, param) => {
  expect(refusalOf(() => callOf(item))).toMatchObject({ code, param, status: 400 });
});

test.each([[[]], [[{ type: 'reasoning', id: 'rs_1', summary: [] }, { type: 'new' }]], [[user([])]]])(
  'an input with nothing in it is no conversation, whatever the instructions: %j',
  (input) => {
    const refused = refusalOf(() => responsesCallOf({ input, instructions: 'Be kind.' }));
    expect(refused).toMatchObject({ code: 'invalid_value', status: 400, param: 'input' });
  },
);
