import { TRANSLATION_SUPPORT } from '../../../src/backend/http-upstream/translate/support.ts';
import { CHAT_PARAMETERS } from '../../../src/http/requests/chat-parameters.ts';
import { COMPLETIONS_PARAMETERS } from '../../../src/http/requests/completions-parameters.ts';
import { RESPONSES_PARAMETERS } from '../../../src/http/requests/responses-parameters.ts';
import { chatCallOf, completionsCallOf, responsesCallOf } from '../../support/calls.ts';
import { refusalOf } from '../../support/thrown.ts';

const APIS = [
  { api: 'chat', types: CHAT_PARAMETERS },
  { api: 'completions', types: COMPLETIONS_PARAMETERS },
  { api: 'responses', types: RESPONSES_PARAMETERS },
] as const;

const of =
  (callOf: typeof chatCallOf) =>
  (body: Record<string, unknown>, strict = true) =>
    callOf(body, strict, TRANSLATION_SUPPORT);
const chat = of(chatCallOf);
const completions = of(completionsCallOf);
const responses = of(responsesCallOf);

test.each(APIS)('every parameter of the $api API has its row', ({ api, types }) => {
  expect(Object.keys(TRANSLATION_SUPPORT.parameters[api]).sort()).toEqual(Object.keys(types).sort());
});

const SAMPLING = { temperature: 0.5, top_p: 0.9, frequency_penalty: 1, presence_penalty: -1, seed: 7 };
const ABOUT = { user: 'u', logit_bias: { '50256': -100 }, max_tokens: 9 };

test('what Chat Completions has a setting for goes on as it came, and null is nothing', () => {
  const settings = { ...SAMPLING, ...ABOUT, service_tier: 'flex', metadata: { a: 'b' }, verbosity: 'low' };
  expect(chat({ ...settings, max_completion_tokens: 8, prompt_cache_key: null })).toMatchObject({
    turn: { settings: { ...settings, max_completion_tokens: 8 } },
    ignored: [],
    emulated: [],
  });
  expect(completions({ ...SAMPLING, ...ABOUT }).turn.settings).toEqual({ ...SAMPLING, ...ABOUT });
});

test('settings of the Responses API go on by the names that Chat Completions has for them', () => {
  const body = { max_output_tokens: 20, temperature: 0, text: { verbosity: 'high' }, metadata: { a: 'b' } };
  expect(responses(body)).toMatchObject({ ignored: [], emulated: [] });
  expect(responses(body).turn.settings).toEqual({
    max_tokens: 20,
    temperature: 0,
    verbosity: 'high',
    metadata: { a: 'b' },
  });
});

test.each([
  [chat, { n: 2 }, 'n'],
  [chat, { logprobs: true }, 'logprobs'],
  [completions, { best_of: 2 }, 'best_of'],
  [responses, { store: true }, 'store'],
  [responses, { n: 2 }, 'n'],
] as const)('what an answer cannot have is refused by name', (callOf, body, param) => {
  expect(refusalOf(() => callOf(body))).toMatchObject({ code: 'unsupported_parameter', param });
});

const SHAPES = [
  {
    callOf: chat,
    tools: ['weather', 'now'].map((name) => ({ type: 'function', function: { name, strict: true } })),
    some: (mode: string, tools: unknown) => ({ type: 'allowed_tools', allowed_tools: { mode, tools } }),
    json: { response_format: { type: 'json_object' } },
  },
  {
    callOf: responses,
    tools: ['weather', 'now'].map((name) => ({ type: 'function', name, strict: true })),
    some: (mode: string, tools: unknown) => ({ type: 'allowed_tools', mode, tools }),
    json: { text: { format: { type: 'json_object' } } },
  },
];

describe.each(SHAPES)('what the server can be told is not emulated', ({ callOf, tools, some, json }) => {
  const [, now] = tools;
  test.each([
    ['any tool', { tools, tool_choice: 'required' }, ['weather', 'now'], 'required'],
    ['one tool', { tools, tool_choice: now }, ['now'], { name: 'now' }],
    ['one of some', { tools, tool_choice: some('required', tools) }, ['weather', 'now'], 'required'],
    ['some tools or none', { tools, tool_choice: some('auto', [now]) }, ['now'], null],
    ['no tool', { tools, tool_choice: 'none' }, [], null],
    ['as it likes', { tools, tool_choice: 'auto' }, ['weather', 'now'], null],
  ])('%s', (_, body, names, toolChoice) => {
    const { turn, emulated, ignored } = callOf(body);
    expect([emulated, ignored, turn.expected, turn.toolChoice]).toEqual([[], [], null, toolChoice]);
    expect(turn.tools.map(({ name, strict }) => [name, strict])).toEqual(names.map((name) => [name, true]));
  });

  it('one call at a time, where there are tools', () => {
    expect(callOf({ tools, parallel_tool_calls: false }).turn).toMatchObject({
      parallelToolCalls: false,
      expected: null,
    });
    expect(callOf({ parallel_tool_calls: false }).turn.parallelToolCalls).toBeNull();
  });

  it('a JSON object', () => {
    expect(callOf(json).turn).toMatchObject({ format: { type: 'json_object' }, expected: null });
  });
});

test('a schema goes on with its name, its description and whether it is strict', () => {
  const json_schema = { name: 'n', schema: { type: 'object' }, description: 'd', strict: false };
  const format = { type: 'json_schema', json_schema };
  expect(chat({ response_format: format }).turn.format).toEqual(format);
  expect(responses({ text: { format: { type: 'json_schema', ...json_schema } } }).turn.format).toEqual(
    format,
  );
  expect(responses({ text: { format: { type: 'json_schema', name: 'n', schema: {} } } }).turn.format).toEqual(
    {
      type: 'json_schema',
      json_schema: { name: 'n', schema: {} },
    },
  );
});

test('reasoning goes to the model by its words, by its summary where it has none, and not where it is encrypted', () => {
  const reasoning = (id: string, fields: object) => ({ type: 'reasoning', id, summary: [], ...fields });
  const input = [
    { role: 'user', content: 'a' },
    reasoning('1', { content: [{ type: 'reasoning_text', text: 'words' }], summary: [{ text: 'less' }] }),
    reasoning('2', { summary: [{ type: 'summary_text', text: 'one' }, { text: 'two' }] }),
    reasoning('3', { encrypted_content: 'gAAA' }),
    { role: 'user', content: 'b' },
  ];
  const { turn, ignored } = responses({ input }, false);
  expect(turn.history.slice(1)).toEqual([
    { type: 'reasoning', text: 'words' },
    { type: 'reasoning', text: 'one\n\ntwo' },
  ]);
  expect(ignored).toEqual(['input[3]']);
  expect(responsesCallOf({ input }).turn.history).toHaveLength(1);
});
