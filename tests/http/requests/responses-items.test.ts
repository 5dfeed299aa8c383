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
  expect(callOf(user([image])).turn.input).toEqual([
    { type: 'image', url: 'data:image/png;base64,AAAA', detail: 'auto' },
  ]);
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

test('reasoning is left out and named', () => {
  const { turn, ignored } = callOf(user('u1'), { type: 'reasoning', id: 'x' }, user('u2'));
  expect(ignored).toEqual(['input[1]']);
  expect(turn.history).toHaveLength(1);
});

test.each(['local_shell_call', 'web_search_call', 'compaction', 'new'])(
  'an item of type %s, which cannot be told to the model, is refused and not left out',
  (type) => {
    const refused = refusalOf(() => callOf(user('u1'), { type, id: 'x' }, user('u2')));
    expect(refused).toMatchObject({ code: 'unsupported_parameter', status: 400, param: 'input[1]' });
    expect(refused.message).toContain(type);
  },
);

test('calls of custom tools, of tools in namespaces and of a search for tools keep their place, with their outputs', () => {
  const { turn, ignored } = callOf(
    user('u1'),
    { type: 'custom_tool_call', call_id: 'c1', name: 'apply_patch', input: '*** "x"' },
    { type: 'custom_tool_call_output', call_id: 'c1', output: 'done' },
    { type: 'function_call', call_id: 'c2', namespace: 'clock', name: 'sleep', arguments: '{}' },
    { type: 'function_call_output', call_id: 'c2', output: [{ type: 'input_text', text: 'slept' }] },
    { type: 'tool_search_call', call_id: 'c3', execution: 'client', arguments: { query: 'mail' } },
    { type: 'tool_search_output', call_id: 'c3', tools: [{ type: 'function', name: 'send_mail' }] },
    user('u2'),
  );
  expect(ignored).toEqual([]);
  expect(turn.history.slice(1)).toEqual([
    { type: 'tool_call', callId: 'c1', name: 'apply_patch', arguments: '{"input":"*** \\"x\\""}' },
    { type: 'tool_result', callId: 'c1', output: 'done' },
    { type: 'tool_call', callId: 'c2', name: 'clock__sleep', arguments: '{}' },
    { type: 'tool_result', callId: 'c2', output: 'slept' },
    { type: 'tool_call', callId: 'c3', name: 'tool_search', arguments: '{"query":"mail"}' },
    { type: 'tool_result', callId: 'c3', output: '{"tools":["send_mail"]}' },
  ]);
  expect(turn.tools.map(({ name }) => name)).toEqual(['send_mail']);
});

test('tools that an item of the input adds are tools', () => {
  const tools = [
    { type: 'namespace', name: 'functions', tools: [{ type: 'function', name: 'exec_command' }] },
    { type: 'namespace', name: 'clock', tools: [{ type: 'function', name: 'sleep' }] },
  ];
  const { turn, ignored } = callOf({ type: 'additional_tools', role: 'developer', tools }, user('u'));
  expect(ignored).toEqual([]);
  expect(turn.history).toEqual([]);
  expect(turn.tools.map(({ name, form }) => [name, form])).toEqual([
    ['exec_command', undefined],
    ['clock__sleep', { type: 'namespaced', namespace: 'clock', name: 'sleep' }],
  ]);
});

test.each([
  [[{ type: 'web_search' }], 'unsupported_parameter', 'input[0].tools[0]'],
  [[{ type: 'function', name: 5 }], 'invalid_type', 'input[0].tools[0].name'],
  [
    [{ type: 'namespace', name: 'n', tools: [{ type: 'mcp' }] }],
    'unsupported_parameter',
    'input[0].tools[0].tools[0]',
  ],
])('added tools that are %j are refused by the field at fault', (tools, code, param) => {
  expect(refusalOf(() => callOf({ type: 'additional_tools', tools }, user('u')))).toMatchObject({
    code,
    param,
  });
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

test.each([[[]], [[{ type: 'reasoning', id: 'rs_1', summary: [] }]], [[user([])]]])(
  'an input with nothing in it is no conversation, whatever the instructions: %j',
  (input) => {
    const refused = refusalOf(() => responsesCallOf({ input, instructions: 'Be kind.' }));
    expect(refused).toMatchObject({ code: 'invalid_value', status: 400, param: 'input' });
  },
);
