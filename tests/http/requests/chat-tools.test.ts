import { chatCallOf, responsesCallOf } from '../../support/calls.ts';
import { refusalOf } from '../../support/thrown.ts';

const weather = {
  type: 'function',
  function: { name: 'weather', description: 'Tells it.', parameters: { type: 'object' } },
};
const user = { role: 'user', content: 'hi' };
const calling = (...ids: string[]) => ({
  role: 'assistant',
  content: null,
  tool_calls: ids.map((id) => ({ id, type: 'function', function: { name: 'weather', arguments: '{}' } })),
});
const result = (id: string, content: unknown = 'sunny') => ({ role: 'tool', tool_call_id: id, content });
const turnOf = (body: Record<string, unknown>) => chatCallOf(body).turn;

test('functions become tools, with an empty schema where they have none', () => {
  const bare = { type: 'function', function: { name: 'now' } };
  expect(turnOf({ tools: [weather, bare] }).tools).toEqual([
    { name: 'weather', description: 'Tells it.', parameters: { type: 'object' } },
    { name: 'now', description: null, parameters: { type: 'object', properties: {} } },
  ]);
});

test.each([
  [{ type: 'function' }, 'tools[0].function'],
  [{ type: 'function', name: 'flat', parameters: {} }, 'tools[0].function'],
  [{ type: 'function', function: { name: 5 } }, 'tools[0].function.name'],
  [{ type: 'function', function: { name: 'x', parameters: [] } }, 'tools[0].function.parameters'],
  [{ type: 5 }, 'tools[0].type'],
])('a tool that is %j is refused by the field at fault', (tool, param) => {
  expect(refusalOf(() => turnOf({ tools: [tool] }))).toMatchObject({ status: 400, param });
});

test('of many tools that are ignored the first are named and the others counted: the names go into one header', () => {
  const tools = Array.from({ length: 2_000 }, (_, index) => ({
    type: 'function',
    function: { name: `f${index}`, strict: true },
  }));
  const { ignored } = chatCallOf({ tools });
  expect([ignored.length, ignored[0], ignored.at(-1)]).toEqual([21, 'tools[0].strict', 'tools (1980 more)']);
});

test('what is inside of honoured parameters and has no effect is named too', () => {
  const content = [{ type: 'image_url', image_url: { url: 'https://x.example/a.png', detail: 'low' } }];
  const strict = { ...weather, function: { ...weather.function, strict: true } };
  const body = {
    messages: [{ role: 'user', content }],
    tools: [strict],
    stream: true,
    stream_options: { include_obfuscation: true },
  };
  const names = [
    'messages[0].content[0].image_url.detail',
    'tools[0].strict',
    'stream_options.include_obfuscation',
  ];
  expect(chatCallOf(body).ignored).toEqual(names);
  expect(refusalOf(() => chatCallOf(body, true))).toMatchObject({ param: names[0] });
});

test('two tools of one name are refused: nobody could tell which one is called', () => {
  expect(refusalOf(() => turnOf({ tools: [weather, weather] }))).toMatchObject({
    code: 'invalid_value',
    param: 'tools',
    message: expect.stringContaining("'weather'"),
  });
});

test.each(['', 'with space', 'ä', 'x'.repeat(65)])('%j is no name for a function', (name) => {
  const refusal = refusalOf(() => turnOf({ tools: [{ type: 'function', function: { name } }] }));
  expect(refusal).toMatchObject({ status: 400, param: 'tools[0].function.name' });
});

test('tool_choice none offers no tool', () => {
  expect(turnOf({ tools: [weather], tool_choice: 'none' }).tools).toEqual([]);
  expect(turnOf({ tools: [weather], tool_choice: 'auto' }).tools).toHaveLength(1);
});

const now = { type: 'function', function: { name: 'now' } };
const allow = (tools: unknown, mode = 'auto') => ({ type: 'allowed_tools', allowed_tools: { mode, tools } });

test('allowed tools are the ones of the list that are offered', () => {
  const allowed = (tools: unknown) =>
    turnOf({ tools: [weather, now], tool_choice: allow(tools) }).tools.map(({ name }) => name);
  expect(allowed([now])).toEqual(['now']);
  expect(allowed([now, { type: 'mcp', server_label: 's' }, weather])).toEqual(['weather', 'now']);
  expect(allowed([])).toEqual([]);
});

test.each([
  [{ type: 'web_search' }, 'unsupported_parameter', 'tool_choice'],
  [{ type: 'custom', custom: { name: 'x' } }, 'invalid_value', 'tool_choice'],
  [allow([], 'required'), 'invalid_value', 'tool_choice'],
  ['whatever', 'invalid_value', 'tool_choice'],
  [allow([now]), 'invalid_value', 'tool_choice'],
  [allow([], 'never'), 'invalid_value', 'tool_choice.allowed_tools.mode'],
  [allow('now'), 'invalid_type', 'tool_choice.allowed_tools.tools'],
  [
    { type: 'allowed_tools', mode: 'auto', tools: [] },
    'missing_required_parameter',
    'tool_choice.allowed_tools',
  ],
  [{}, 'missing_required_parameter', 'tool_choice.type'],
  [5, 'invalid_type', 'tool_choice'],
])('the choice %j is refused', (tool_choice, code, param) => {
  expect(refusalOf(() => turnOf({ tools: [weather], tool_choice }))).toMatchObject({ code, param });
});

test('calls and their results are steps of the history, in order, and nothing is left to say first', () => {
  const turn = turnOf({
    messages: [user, calling('a', 'b'), result('b'), result('a', [{ type: 'text', text: 'r' }])],
  });
  expect(turn.input).toBeNull();
  expect(turn.history.slice(1)).toEqual([
    { type: 'tool_call', callId: 'a', name: 'weather', arguments: '{}' },
    { type: 'tool_call', callId: 'b', name: 'weather', arguments: '{}' },
    { type: 'tool_result', callId: 'b', output: 'sunny' },
    { type: 'tool_result', callId: 'a', output: 'r' },
  ]);
});

test('what the assistant said beside its calls stays', () => {
  const { history } = turnOf({ messages: [user, { ...calling('a'), content: 'Let me see.' }, result('a')] });
  expect(history.map(({ type }) => type)).toEqual(['message', 'message', 'tool_call', 'tool_result']);
});

test.each([
  ['a result of no call', [user, result('a')], 'messages[1].tool_call_id'],
  ['a result of a later call', [user, result('a'), calling('a')], 'messages[1].tool_call_id'],
  ['a second result of one call', [user, calling('a'), result('a'), result('a')], 'messages[3].tool_call_id'],
  ['a second call of one id', [user, calling('a', 'a'), result('a')], 'messages[1].tool_calls[1]'],
  ['a message before the result', [user, calling('a'), user, result('a')], 'messages[1].tool_calls[0]'],
  ['a call without a result', [user, calling('a', 'b'), result('a')], 'messages[1].tool_calls[1]'],
])('%s is refused by its place', (_, messages, param) => {
  expect(refusalOf(() => turnOf({ messages }))).toMatchObject({ code: 'invalid_value', status: 400, param });
});

test('images go along as they are, beside the text', () => {
  const url = 'data:image/png;base64,AAAA';
  const content = [
    { type: 'text', text: 'What is it?' },
    { type: 'image_url', image_url: { url, detail: 'low' } },
  ];
  expect(turnOf({ messages: [{ role: 'user', content }] }).input).toEqual([
    { type: 'text', text: 'What is it?' },
    { type: 'image', url, detail: 'low' },
  ]);
});

test.each([
  ['DATA:Image/png;base64,AAAA', 'data:image/png;base64,AAAA'],
  ['HTTPS://Example.com/A.png', 'https://Example.com/A.png'],
])('the scheme of %s may have capitals', (url, read) => {
  const content = [{ type: 'image_url', image_url: { url } }];
  expect(turnOf({ messages: [{ role: 'user', content }] }).input).toEqual([{ type: 'image', url: read }]);
  const input = [{ role: 'user', content: [{ type: 'input_image', image_url: url }] }];
  expect(responsesCallOf({ input }).turn.input).toEqual([{ type: 'image', url: read }]);
});

test.each(['file:///etc/passwd', '/etc/passwd', 'data:text/html,x', 'javascript:alert(1)'])(
  '%s is no image that a model may fetch',
  (url) => {
    const content = [{ type: 'image_url', image_url: { url } }];
    expect(refusalOf(() => turnOf({ messages: [{ role: 'user', content }] }))).toMatchObject({
      code: 'invalid_value',
      param: 'messages[0].content[0].image_url.url',
    });
  },
);

const customCall = { id: 'a', type: 'custom', custom: { name: 'x', input: 'y' } };
test.each([
  [
    'messages[0].content[1]',
    {
      content: [
        { type: 'text', text: 'a' },
        { type: 'file', file: {} },
      ],
    },
  ],
  ['messages[0].content[0]', { content: [{ type: 'input_audio', input_audio: {} }] }],
  ['messages[0].role', { role: 'function', name: 'f', content: 'x' }],
])('%s that the API has and the app-server has not is refused as such', (param, message) => {
  const refused = refusalOf(() => turnOf({ messages: [{ role: 'user', ...message }] }));
  expect(refused).toMatchObject({ code: 'unsupported_parameter', status: 400, param });
});

test('who speaks stands before the text', () => {
  expect(turnOf({ messages: [{ role: 'user', name: 'Ann', content: 'hi' }] }).input).toEqual([
    { type: 'text', text: 'Ann: ' },
    { type: 'text', text: 'hi' },
  ]);
});

test('a call of a type that no API has is a wrong value', () => {
  const messages = [{ role: 'assistant', tool_calls: [{ ...customCall, type: 'magic' }] }];
  expect(refusalOf(() => turnOf({ messages }))).toMatchObject({
    code: 'invalid_value',
    param: 'messages[0].tool_calls[0].type',
    message: expect.stringContaining("must be of type 'function'"),
  });
});

test('a JSON schema becomes the schema of the output', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } } };
  const response_format = { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } };
  expect(turnOf({ response_format }).outputSchema).toEqual(schema);
  expect(turnOf({ response_format: { type: 'text' } }).outputSchema).toBeNull();
});

test('what is said of a schema and has no effect is named, but not the name that each has to have', () => {
  const place = 'response_format.json_schema';
  const json_schema = { name: 'answer', schema: {} };
  const format = (more: object) => ({
    response_format: { type: 'json_schema', json_schema: { ...json_schema, ...more } },
  });
  const loose = format({ description: 'd', strict: false });
  expect(chatCallOf(loose).ignored).toEqual([`${place}.strict`]);
  expect(chatCallOf(loose).turn.outputSchema).toEqual({ description: 'd' });
  expect(refusalOf(() => chatCallOf(loose, true))).toMatchObject({ param: `${place}.strict` });
  expect(chatCallOf(format({ description: null, strict: true }), true).ignored).toEqual([]);
});

test.each([
  [{ type: 'json_schema' }, 'response_format.json_schema'],
  [{ type: 'json_schema', json_schema: { name: 'a' } }, 'response_format.json_schema.schema'],
  [{ type: 'yaml' }, 'response_format.type'],
])('%j is no response format', (response_format, param) => {
  expect(refusalOf(() => turnOf({ response_format }))).toMatchObject({ status: 400, param });
});

test('a stop sequence has a bound: each delta is searched for all of them', () => {
  expect(refusalOf(() => turnOf({ stop: 'a'.repeat(257) }))).toMatchObject({ status: 400, param: 'stop' });
});

test('stop is one text or up to four, and an empty one stops nothing', () => {
  expect(turnOf({ stop: 'END' }).stop).toEqual(['END']);
  expect(turnOf({ stop: ['a', '', 'b'] }).stop).toEqual(['a', 'b']);
  expect(turnOf({}).stop).toEqual([]);
  expect(refusalOf(() => turnOf({ stop: ['1', '2', '3', '4', '5'] }))).toMatchObject({ param: 'stop' });
});

test('the effort of reasoning is passed on', () => {
  expect(turnOf({ reasoning_effort: 'low' }).effort).toBe('low');
  expect(turnOf({}).effort).toBeNull();
});
