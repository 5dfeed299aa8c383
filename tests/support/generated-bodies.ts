import fc from 'fast-check';
import { CHAT_PARAMETERS } from '../../src/http/requests/chat-parameters.ts';
import { COMPLETIONS_PARAMETERS } from '../../src/http/requests/completions-parameters.ts';
import { RESPONSES_PARAMETERS } from '../../src/http/requests/responses-parameters.ts';

export const MODEL = 'throughline-echo';
const PIXEL = 'data:image/png;base64,AAAA';

/** Words that the embedded app-server's model does something with, beside prompts that it only says back. */
const prompt = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '/say one\n/say two',
    '/think hm\n/say yes',
    '/tool weather {"city":"Oslo"}',
    '/say first\n/tool weather {}\n/tool weather {"city":"Rome"}',
    '/run echo hi',
    '/retry\n/say after all',
    '/fail serverOverloaded',
    '/fail contextWindowExceeded',
    '/say half\n/fail other',
    '/say half\n/fail cyberPolicy',
    '/garbage\n/say still here',
    '/usage none\n/say free',
    '/usage 9 4 5 1\n/say counted',
  ),
);

/** A list whose parts come one after another, some of them several at once. */
const steps = <T>(step: fc.Arbitrary<T[]>, maxLength: number): fc.Arbitrary<T[]> =>
  fc.array(step, { minLength: 1, maxLength }).map((parts) => parts.flat());

const content = fc.oneof(
  prompt,
  fc.array(fc.record({ type: fc.constant('text'), text: prompt }), { maxLength: 3 }),
  fc.constant([{ type: 'image_url', image_url: { url: PIXEL } }]),
);
const message = fc.record({
  role: fc.constantFrom('system', 'developer', 'user', 'user', 'assistant'),
  content,
});
const calling = (ids: readonly string[]) => ({
  role: 'assistant',
  content: null,
  tool_calls: ids.map((id) => ({ id, type: 'function', function: { name: 'weather', arguments: '{}' } })),
});
const result = (id: string) => ({ role: 'tool', tool_call_id: id, content: 'sunny' });
/** Calls with their results, and such as have none, or one too many, or the wrong way round. */
const chatTools = fc.constantFrom<object[]>(
  [calling(['a']), result('a')],
  [calling(['b', 'c']), result('c'), result('b')],
  [calling(['d'])],
  [result('e')],
  [result('f'), calling(['f'])],
  [calling(['g']), result('g'), result('g')],
);
const messages = steps<object>(
  fc.oneof({ weight: 4, arbitrary: message.map((one) => [one]) }, { weight: 1, arbitrary: chatTools }),
  4,
);

const functionFields = { name: 'weather', description: 'Tells it.', parameters: { type: 'object' } };
const jsonSchema = { name: 'answer', schema: { type: 'object', properties: { a: { type: 'string' } } } };
const toolChoice = fc.constantFrom('auto', 'none', 'auto', 'required', null);
/** Nearly always within its range: what is refused must not crowd out the answers. */
const mostly = <T>(inside: fc.Arbitrary<T>, outside: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 19, arbitrary: inside }, { weight: 1, arbitrary: outside });
const effort = mostly<string | null>(
  fc.constantFrom('low', 'high', 'minimal', null),
  fc.constant('unheard-of'),
);

const common = {
  model: fc.constant(MODEL),
  stream: fc.boolean(),
  temperature: mostly(fc.double({ min: 0, max: 2, noNaN: true }), fc.double({ noNaN: true })),
  user: fc.string(),
};
const completionFields = {
  ...common,
  max_tokens: mostly(fc.integer({ min: 1 }), fc.integer()),
  stop: fc.constantFrom('said', ['x', 'y'], ''),
};

export const chat = fc.record(
  {
    ...completionFields,
    messages,
    tools: fc.constantFrom([{ type: 'function', function: functionFields }], [{ type: 'web_search' }]),
    tool_choice: toolChoice,
    response_format: fc.constantFrom(
      { type: 'text' },
      { type: 'json_schema', json_schema: jsonSchema },
      { type: 'json_schema', json_schema: jsonSchema },
      { type: 'json_object' },
    ),
    reasoning_effort: effort,
  },
  { requiredKeys: ['model', 'messages'] },
);

export const completion = fc.record(
  { ...completionFields, prompt, echo: fc.boolean() },
  { requiredKeys: ['model', 'prompt'] },
);

const call = (call_id: string) => ({ type: 'function_call', call_id, name: 'weather', arguments: '{}' });
const output = (call_id: string, said: unknown = 'sunny') => ({
  type: 'function_call_output',
  call_id,
  output: said,
});
const responseTools = fc.constantFrom<object[]>(
  [call('a'), output('a')],
  [call('b'), call('c'), output('c'), output('b', [{ type: 'input_image', image_url: PIXEL }])],
  [call('d')],
  [output('e')],
  [{ type: 'reasoning', id: 'rs_1', summary: [] }],
  [{ type: 'item_reference', id: 'msg_1' }],
);
const part = fc.oneof(
  fc.record({ type: fc.constant('input_text'), text: prompt }),
  fc.constant({ type: 'input_image', image_url: PIXEL }),
);
const inputMessage = fc.record({
  role: fc.constantFrom('system', 'developer', 'user', 'user', 'assistant'),
  content: fc.oneof(prompt, fc.array(part, { maxLength: 2 })),
});
const input = steps<object>(
  fc.oneof(
    { weight: 4, arbitrary: inputMessage.map((one) => [one]) },
    { weight: 1, arbitrary: responseTools },
  ),
  3,
);

export const response = fc.record(
  {
    ...common,
    input: fc.oneof(prompt, input),
    instructions: fc.string(),
    tools: fc.constantFrom([{ type: 'function', ...functionFields }], [{ type: 'web_search' }]),
    tool_choice: toolChoice,
    reasoning: fc.record(
      { effort, summary: fc.constantFrom('auto', 'detailed', null) },
      { requiredKeys: [] },
    ),
    text: fc.constantFrom({ format: { type: 'text' } }, { format: { type: 'json_schema', ...jsonSchema } }),
    store: fc.constantFrom(false, false, true, null),
  },
  { requiredKeys: ['model', 'input'] },
);

/** A valid body with one of its parameters replaced by anything at all, or with one more. */
const broken = (valid: fc.Arbitrary<object>, parameters: object): fc.Arbitrary<object> =>
  fc
    .tuple(valid, fc.constantFrom(...Object.keys(parameters), 'new'), fc.jsonValue())
    .map(([body, field, value]) => ({ ...body, [field]: value }));

export const brokenChat = broken(chat, CHAT_PARAMETERS);
export const brokenCompletion = broken(completion, COMPLETIONS_PARAMETERS);
export const brokenResponse = broken(response, RESPONSES_PARAMETERS);
