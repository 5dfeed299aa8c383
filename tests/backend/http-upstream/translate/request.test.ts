import type { Item, Turn } from '../../../../src/gateway/turn.ts';
import { parseWithExactSchemas } from '../../../../src/http/exact-schemas.ts';
import { aTurn } from '../../../support/fake-exchange.ts';
import { allOf, createScript, streamOf, submitTo } from './relay-script.ts';

const HELLO = { model: 'echo', messages: [{ role: 'user', content: 'hello' }], stream: true };

const requestOf = async (turn: Turn, more: Parameters<typeof submitTo>[2] = {}) => {
  const script = createScript(streamOf([{ content: 'hi' }]));
  const { running } = await submitTo(script, turn, more);
  await allOf(running);
  const [asked] = script.asked;
  if (asked?.request.body.type !== 'bytes') throw new Error('the request has a body of bytes');
  return { ...asked, text: Buffer.from(asked.request.body.bytes).toString() };
};
const bodyOf = async (turn: Partial<Turn>): Promise<Record<string, unknown>> =>
  JSON.parse((await requestOf(aTurn(turn))).text);
const messagesOf = async (history: readonly Item[], more: Partial<Turn> = {}): Promise<unknown> =>
  (await bodyOf({ history, input: null, ...more }))['messages'];

const said = (role: 'user' | 'assistant' | 'developer', text: string): Item => ({
  type: 'message',
  role,
  parts: [{ type: 'text', text }],
});
const call = (callId: string): Item => ({ type: 'tool_call', callId, name: 'f', arguments: '{"a":' });
const result = (callId: string): Item => ({ type: 'tool_result', callId, output: `of ${callId}` });
const thought = (text: string): Item => ({ type: 'reasoning', text });

const toolCall = (id: string) => ({ id, type: 'function', function: { name: 'f', arguments: '{"a":' } });
const output = (id: string) => ({ role: 'tool', tool_call_id: id, content: `of ${id}` });

test('a turn that asks for nothing is a body with nothing in it', async () => {
  const { request, text } = await requestOf(aTurn());
  expect(JSON.parse(text)).toEqual(HELLO);
  expect(request).toMatchObject({ api: 'chat', method: 'POST', target: '/chat/completions', stream: true });
  expect(request.value).toEqual(HELLO);
});

test('what the client set goes on, in the words of Chat Completions', async () => {
  const settings = { temperature: 0, max_tokens: 9, seed: 7, user: 'u', metadata: { a: 'b' } };
  const json_schema = { name: 'n', schema: { type: 'object' } };
  const tool = { name: 'f', description: 'd', parameters: { type: 'object' }, strict: true };
  const body = await bodyOf({
    instructions: 'Be kind.',
    settings,
    stop: ['END'],
    effort: 'low',
    tools: [tool],
    toolChoice: { name: 'f' },
    parallelToolCalls: false,
    format: { type: 'json_schema', json_schema },
    answer: { api: 'chat', includeUsage: true },
  });
  expect(body).toEqual({
    ...HELLO,
    ...settings,
    messages: [{ role: 'system', content: 'Be kind.' }, ...HELLO.messages],
    stop: ['END'],
    reasoning_effort: 'low',
    tools: [{ type: 'function', function: tool }],
    tool_choice: { type: 'function', function: { name: 'f' } },
    parallel_tool_calls: false,
    response_format: { type: 'json_schema', json_schema },
    stream_options: { include_usage: true },
  });
});

test('a tool without a description gets none', async () => {
  const tools = [{ name: 'f', description: null, parameters: {} }];
  expect(await bodyOf({ tools, toolChoice: 'required' })).toMatchObject({ tool_choice: 'required' });
  expect((await bodyOf({ tools }))['tools']).toEqual([
    { type: 'function', function: { name: 'f', parameters: {} } },
  ]);
});

test('numbers that were kept as text keep their digits', async () => {
  const { tools: parameters } = parseWithExactSchemas('{"tools":{"maximum":9007199254740993}}') as {
    tools: unknown;
  };
  const { text } = await requestOf(aTurn({ tools: [{ name: 'f', description: null, parameters }] }));
  expect(text).toContain('"maximum":9007199254740993');
});

test('images go on with how closely they are to be looked at; a message of text alone is a text', async () => {
  const url = 'data:image/png;base64,AAAA';
  const body = await bodyOf({
    history: [said('developer', 'Later.')],
    input: [
      { type: 'text', text: 'See' },
      { type: 'image', url, detail: 'low' },
    ],
  });
  expect(body['messages']).toEqual([
    { role: 'system', content: 'Later.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'See' },
        { type: 'image_url', image_url: { url, detail: 'low' } },
      ],
    },
  ]);
});

test('outputs stand directly behind their calls, whatever was said between', async () => {
  const history = [said('user', 'a'), call('1'), said('user', 'b'), call('2'), call('3'), result('3')];
  expect(await messagesOf([...history, result('1'), result('2'), said('user', 'c')])).toEqual([
    { role: 'user', content: 'a' },
    { role: 'assistant', content: null, tool_calls: [toolCall('1')] },
    output('1'),
    { role: 'user', content: 'b' },
    { role: 'assistant', content: null, tool_calls: [toolCall('2'), toolCall('3')] },
    output('2'),
    output('3'),
    { role: 'user', content: 'c' },
  ]);
});

test('calls belong to the text before them, and those behind a result to another answer', async () => {
  const history = [
    said('user', 'a'),
    said('assistant', 'See.'),
    call('1'),
    result('1'),
    call('2'),
    result('2'),
  ];
  expect(await messagesOf(history)).toEqual([
    { role: 'user', content: 'a' },
    { role: 'assistant', content: 'See.', tool_calls: [toolCall('1')] },
    output('1'),
    { role: 'assistant', content: null, tool_calls: [toolCall('2')] },
    output('2'),
  ]);
});

test('an id that is used again names another call', async () => {
  const again: Item = { type: 'tool_result', callId: '1', output: 'again' };
  expect(await messagesOf([said('user', 'a'), call('1'), result('1'), call('1'), again])).toMatchObject([
    {},
    {},
    { content: 'of 1' },
    {},
    { content: 'again' },
  ]);
});

test('what the model thought in this turn goes back to it, and nothing of earlier ones', async () => {
  const history = [said('user', 'a'), thought('old'), said('assistant', 'b'), said('user', 'c')];
  const now = [
    thought('one'),
    thought('two'),
    call('1'),
    result('1'),
    thought('three'),
    said('assistant', 'd'),
  ];
  expect(await messagesOf([...history, ...now])).toEqual([
    { role: 'user', content: 'a' },
    { role: 'assistant', content: 'b' },
    { role: 'user', content: 'c' },
    { role: 'assistant', content: null, reasoning_content: 'one\n\ntwo', tool_calls: [toolCall('1')] },
    output('1'),
    { role: 'assistant', content: 'd', reasoning_content: 'three' },
  ]);
});

test('headers of the client are there to be chosen from, but for those that are about its own body', async () => {
  const headers = { 'content-type': 'text/x', accept: '*/*', 'content-length': '9', 'openai-beta': 'b' };
  const { request, context, canFailOver } = await requestOf(aTurn(), { headers, canFailOver: true });
  expect(request.headers).toEqual({
    'openai-beta': 'b',
    'content-type': 'application/json',
    accept: 'text/event-stream',
  });
  expect(context).toMatchObject({ reqId: 'req_1' });
  expect(canFailOver).toBe(true);
});
