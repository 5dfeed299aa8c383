import { textOfParts } from '../../../src/http/requests/conversation.ts';
import { responsesCallOf as callOf } from '../../support/calls.ts';
import { refusalOf } from '../../support/thrown.ts';

const turnOf = (body: Record<string, unknown>) => callOf(body).turn;
const echoOf = (body: Record<string, unknown>) => {
  const { answer } = turnOf(body);
  if (answer.api !== 'responses') throw new Error('not the answer of a response');
  return answer.echo;
};
const weather = { type: 'function', name: 'weather', description: 'd', parameters: { type: 'object' } };

test('a string is the one user message', () => {
  expect(turnOf({ input: 'hi' })).toMatchObject({
    instructions: null,
    history: [],
    input: [{ type: 'text', text: 'hi' }],
    stream: false,
    stop: [],
  });
});

test('instructions stand before the system and developer messages that the input begins with', () => {
  const input = [
    { role: 'developer', content: 'Be brief.' },
    { role: 'user', content: 'hi' },
  ];
  expect(turnOf({ input, instructions: 'Be kind.' }).instructions).toBe('Be kind.\n\nBe brief.');
  expect(turnOf({ input }).instructions).toBe('Be brief.');
  expect(turnOf({ instructions: '' }).instructions).toBe('');
});

test('functions and custom tools are offered in their flat shape, and a search for tools that the client runs', () => {
  const search = {
    type: 'tool_search',
    execution: 'client',
    description: 's',
    parameters: { type: 'object' },
  };
  const grammar = { type: 'grammar', syntax: 'lark', definition: 'start: "x"' };
  const tools = [weather, { type: 'custom', name: 'c', description: 'd', format: grammar }, search];
  const { turn, ignored } = callOf({ tools });
  expect(turn.tools).toMatchObject([
    { name: 'weather', description: 'd', parameters: { type: 'object' } },
    { name: 'c', description: expect.stringContaining('start: "x"'), form: { type: 'custom' } },
    { name: 'tool_search', description: 's', form: { type: 'search' } },
  ]);
  expect(ignored).toEqual([]);
  expect(echoOf({ tools }).tools).toMatchObject([{ type: 'function' }, { type: 'custom' }, search]);
});

test.each(['web_search', 'mcp', 'tool_search', 'code_interpreter'])(
  'a tool of type %s that only its provider could run is refused by its place',
  (type) => {
    expect(refusalOf(() => callOf({ tools: [weather, { type }] }))).toMatchObject({
      code: 'unsupported_parameter',
      param: 'tools[1]',
    });
  },
);

test('with tool_choice none no function is offered, and the response still repeats it', () => {
  expect(turnOf({ tools: [weather], tool_choice: 'none' }).tools).toEqual([]);
  expect(echoOf({ tools: [weather], tool_choice: 'none' })).toMatchObject({
    toolChoice: 'none',
    tools: [{ type: 'function', name: 'weather', description: 'd', strict: null }],
  });
});

test('allowed tools are the ones of the list that are offered, and the response repeats all of it', () => {
  const now = { type: 'function', name: 'now' };
  const tool_choice = { type: 'allowed_tools', mode: 'auto', tools: [now] };
  expect(turnOf({ tools: [weather, now], tool_choice }).tools.map(({ name }) => name)).toEqual(['now']);
  expect(echoOf({ tools: [weather, now], tool_choice })).toMatchObject({
    toolChoice: tool_choice,
    tools: [{ name: 'weather' }, { name: 'now' }],
  });
});

test.each([
  [{ type: 'allowed_tools', mode: 'required', tools: [] }, 'invalid_value', 'tool_choice'],
  ['required', 'invalid_value', 'tool_choice'],
  [{ type: 'function', name: 'f' }, 'invalid_value', 'tool_choice'],
  [{ type: 'web_search' }, 'unsupported_parameter', 'tool_choice'],
  [{ type: 'allowed_tools', mode: 'auto' }, 'missing_required_parameter', 'tool_choice.tools'],
  ['whatever', 'invalid_value', 'tool_choice'],
])('the choice %j is refused', (tool_choice, code, param) => {
  expect(refusalOf(() => turnOf({ tool_choice }))).toMatchObject({ code, param });
});

test('a JSON schema is the one that the answer is to fit', () => {
  const format = { type: 'json_schema', name: 'n', strict: true, schema: { type: 'object' } };
  expect(turnOf({ text: { format } }).outputSchema).toEqual({ type: 'object' });
  expect(echoOf({ text: { format } }).format).toEqual(format);
  expect(turnOf({ text: { format: { type: 'text' } } }).outputSchema).toBe(null);
  expect(echoOf({ text: {} }).format).toEqual({ type: 'text' });
});

test('what is said of a schema and has no effect is named, but not the name that each has to have', () => {
  const named = { type: 'json_schema', name: 'n', schema: {} };
  const loose = { text: { format: { ...named, description: 'd', strict: false } } };
  expect(callOf(loose).ignored).toEqual(['text.format.strict']);
  expect(callOf(loose).turn.outputSchema).toEqual({ description: 'd' });
  expect(refusalOf(() => callOf(loose, true))).toMatchObject({ param: 'text.format.strict' });
  expect(callOf({ text: { format: named } }, true).ignored).toEqual([]);
});

test('effort and summary of the reasoning are asked for, the summary by its older name as well', () => {
  expect(turnOf({ reasoning: { effort: 'low', summary: 'detailed' } })).toMatchObject({
    effort: 'low',
    reasoningSummary: 'detailed',
  });
  expect(turnOf({ reasoning: { generate_summary: 'concise' } }).reasoningSummary).toBe('concise');
});

test.each([
  ['previous_response_id', 'resp_1'],
  ['conversation', 'conv_1'],
  ['conversation', { id: 'conv_1' }],
  ['prompt', { id: 'pmpt_1' }],
  ['store', true],
  ['background', true],
  ['moderation', { model: 'm' }],
  ['top_logprobs', 2],
])('%s = %j asks for what is not there, so it is refused by name', (param, value) => {
  expect(refusalOf(() => turnOf({ [param]: value }))).toMatchObject({
    code: 'unsupported_parameter',
    status: 400,
    param,
  });
});

test.each([
  ['n', 2, 1],
  ['logprobs', true, false],
  ['logit_bias', { 50256: -100 }, {}],
  ['audio', { voice: 'alloy', format: 'wav' }, null],
  ['modalities', ['text', 'audio'], ['text']],
  ['functions', [{ name: 'f' }], []],
])(
  '%s = %j is a word of Chat Completions for another answer, so it is refused by name',
  (param, value, idle) => {
    expect(refusalOf(() => turnOf({ [param]: value }))).toMatchObject({
      code: 'unsupported_parameter',
      param,
    });
    expect(callOf({ [param]: idle }, true).ignored).toEqual([]);
  },
);

test.each([['prompt_cache_options.prewarm', { prompt_cache_options: { prewarm: true } }]])(
  '%s can be refused by itself',
  (param, body) => {
    expect(refusalOf(() => turnOf(body))).toMatchObject({ code: 'unsupported_parameter', param });
  },
);

test.each([
  ['store', false],
  ['background', false],
  ['top_logprobs', 0],
  ['truncation', 'disabled'],
  ['parallel_tool_calls', true],
  ['service_tier', 'auto'],
  ['include', []],
  ['metadata', {}],
  ['tool_choice', 'auto'],
  ['reasoning', { context: 'auto', mode: 'standard' }],
  ['text', { verbosity: 'medium' }],
])('%s = %j asks for what is done anyway', (param, value) => {
  expect(callOf({ [param]: value }, true).ignored).toEqual([]);
});

const HINTS = {
  temperature: 0.5,
  top_p: 0.5,
  max_output_tokens: 16,
  max_tool_calls: 1,
  truncation: 'auto',
  include: ['reasoning.encrypted_content'],
  metadata: { a: 'b' },
  user: 'u',
  safety_identifier: 's',
  prompt_cache_key: 'k',
  service_tier: 'flex',
};

test('hints are accepted and named', () => {
  expect([...callOf(HINTS).ignored].sort()).toEqual(Object.keys(HINTS).sort());
});

test.each([
  ...Object.entries(HINTS).map(([param, value]) => [param, { [param]: value }] as const),
  ['reasoning.context', { reasoning: { context: 'all_turns' } }],
  ['reasoning.mode', { reasoning: { mode: 'pro' } }],
  ['text.verbosity', { text: { verbosity: 'low' } }],

  [
    'input[0]',
    {
      input: [
        { type: 'reasoning', id: 'rs_1', summary: [] },
        { role: 'user', content: 'u' },
      ],
    },
  ],
] as const)('%s is ignored, and refused where hints are strict', (param, body) => {
  expect(callOf(body).ignored).toEqual([param]);
  expect(refusalOf(() => callOf(body, true))).toMatchObject({ code: 'unsupported_parameter', param });
});

test('what the response repeats is what was sent', () => {
  expect(echoOf({ instructions: 'Be kind.', metadata: { a: 'b' } })).toMatchObject({
    instructions: 'Be kind.',
    metadata: { a: 'b' },
  });
  expect(textOfParts(turnOf({ metadata: { a: 'b' } }).input ?? [])).toBe('hi');
});
