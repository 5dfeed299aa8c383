import { type ChatReply, createChatServer, failWith, partOf, streamOf } from './chat-server.ts';
import { beginTurn, endOfTurn, initialize, ofMethod, runTurn, startThread, usage } from './conversation.ts';
import { named, spansOf } from './spans.ts';
import { type AppServer, newTrace, type StartOptions, startAppServer } from './support.ts';

type ChatServer = Awaited<ReturnType<typeof createChatServer>>;

/** Runs `use` with a server of that model behind an initialized app-server, and ends both in any case. */
const withModel = async (
  replies: [ChatReply, ...ChatReply[]],
  use: (server: AppServer, chat: ChatServer) => Promise<void>,
  options: StartOptions = {},
): Promise<void> => {
  const chat = await createChatServer(...replies);
  const server = startAppServer({ ...options, args: chat.args });
  try {
    await initialize(server);
    await use(server, chat);
  } finally {
    await server.close();
    await chat.close();
  }
};

const weather = {
  type: 'function',
  name: 'weather',
  description: 'of a city',
  inputSchema: { type: 'object' },
};

test('the answer, the reasoning and the usage of the model come through', async () => {
  const deltas = [
    { role: 'assistant', content: '' },
    { reasoning_content: 'hm' },
    { content: 'Hel' },
    { content: 'lo.' },
  ];
  await withModel([streamOf(deltas)], async (server) => {
    const ran = await runTurn(server, await startThread(server), '/say this is plain text to a real model');
    expect(ran).toMatchObject({ text: 'Hello.', turn: { status: 'completed' } });
    expect(ofMethod(ran.notifications, 'item/reasoning/summaryTextDelta')[0]?.params.delta).toBe('hm');
    const [updated] = ofMethod(ran.notifications, 'thread/tokenUsage/updated');
    expect(updated?.params.tokenUsage).toMatchObject({
      last: usage(50, 30, 9, 4, 6),
      total: usage(50, 30, 9, 4, 6),
    });
  });
});

test('the model gets the instructions, the history, the images, the tools, the schema and the key', async () => {
  const env = { OPENAI_API_KEY: 'sk-loopback' };
  const outputSchema = { type: 'object' };
  await withModel(
    [streamOf([{ content: '{}' }])],
    async (server, chat) => {
      const threadId = await startThread(server, { baseInstructions: 'Be kind.', dynamicTools: [weather] });
      const items = [
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'one' }] },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'two' }] },
        { type: 'function_call', call_id: 'c1', name: 'weather', arguments: '{}' },
        { type: 'function_call_output', call_id: 'c1', output: 'rain' },
      ];
      await server.get('thread/inject_items', { threadId, items });
      const image = { type: 'image', url: 'data:image/png;base64,AAAA' };
      const input = [{ type: 'text', text: 'three', text_elements: [] }, image];
      const { turn } = await server.get<{ turn: { id: string } }>('turn/start', {
        threadId,
        input,
        effort: 'low',
        outputSchema,
      });
      await endOfTurn(server, turn.id);
      expect(chat.calls[0]?.path).toBe('/v1/chat/completions');
      expect(chat.calls[0]?.headers.authorization).toBe('Bearer sk-loopback');
      expect(chat.calls[0]?.body).toEqual({
        model: 'small-1',
        stream: true,
        stream_options: { include_usage: true },
        reasoning_effort: 'low',
        messages: [
          { role: 'system', content: 'Be kind.' },
          { role: 'user', content: 'one' },
          {
            role: 'assistant',
            content: 'two',
            tool_calls: [{ id: 'c1', type: 'function', function: { name: 'weather', arguments: '{}' } }],
          },
          { role: 'tool', tool_call_id: 'c1', content: 'rain' },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'three' },
              { type: 'image_url', image_url: { url: image.url } },
            ],
          },
        ],
        tools: [
          {
            type: 'function',
            function: { name: 'weather', description: 'of a city', parameters: { type: 'object' } },
          },
        ],
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'answer', schema: outputSchema, strict: true },
        },
      });
    },
    { env },
  );
});

test('a tool that the model calls is run by the client, and the model goes on from its result', async () => {
  const pieces = [
    { tool_calls: [{ index: 0, id: 'c9', type: 'function', function: { name: 'weather', arguments: '' } }] },
    { tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] },
    { tool_calls: [{ index: 0, function: { arguments: '"Oslo"}' } }] },
  ];
  const answer = () => ({ result: { contentItems: [{ type: 'inputText', text: 'sunny' }], success: true } });
  await withModel(
    [streamOf(pieces, 'tool_calls'), streamOf([{ content: 'Sunny.' }])],
    async (server, chat) => {
      const ran = await runTurn(server, await startThread(server, { dynamicTools: [weather] }), 'Weather?');
      expect(ran.text).toBe('Sunny.');
      expect(server.asks).toMatchObject([
        { params: { callId: 'c9', tool: 'weather', arguments: { city: 'Oslo' } } },
      ]);
      expect(chat.calls[1]?.body.messages).toMatchObject([
        { role: 'user' },
        { role: 'assistant', content: null, tool_calls: [{ id: 'c9' }] },
        { role: 'tool', tool_call_id: 'c9', content: 'sunny' },
      ]);
      const totals = ofMethod(ran.notifications, 'thread/tokenUsage/updated').map(
        ({ params }) => params.tokenUsage.total,
      );
      expect(totals).toEqual([usage(50, 30, 9, 4, 6), usage(100, 60, 18, 8, 12)]);
    },
    { answer },
  );
});

describe('a call that fails', () => {
  let given: ChatReply = failWith(500, {});
  let chat: ChatServer;
  let server: AppServer;
  beforeAll(async () => {
    chat = await createChatServer((response) => given(response));
    server = startAppServer({ args: chat.args });
    await initialize(server);
  });
  afterAll(() => Promise.all([server.close(), chat.close()]));

  test.each<[string, ChatReply, unknown]>([
    [
      'a refused key',
      failWith(401, { message: 'Incorrect key sk-abc', code: 'invalid_api_key' }),
      'unauthorized',
    ],
    ['a model that is not there', failWith(404, { message: 'no such model' }), 'modelNotFound'],
    ['too many requests', failWith(429, { message: 'slow down' }), 'rateLimitExceeded'],
    ['no money left', failWith(429, { message: 'pay', code: 'insufficient_quota' }), 'usageLimitExceeded'],
    ['too long a conversation', failWith(400, { code: 'context_length_exceeded' }), 'contextWindowExceeded'],
    ['a bad request', failWith(400, { message: 'what?' }), 'badRequest'],
    ['an overloaded server', failWith(503, { message: 'busy' }), 'serverOverloaded'],
    ['a bad gateway', failWith(502, {}), { responseStreamConnectionFailed: { httpStatusCode: 502 } }],
    [
      'a stream that breaks off',
      partOf(['so '], 'cut'),
      { responseStreamDisconnected: { httpStatusCode: null } },
    ],
  ])('%s: the turn fails with its own code', async (_name, reply, codexErrorInfo) => {
    given = reply;
    const ran = await runTurn(server, await startThread(server), 'hello');
    expect(ran.turn).toMatchObject({ status: 'failed', error: { codexErrorInfo } });
    expect(JSON.stringify(ran.turn)).not.toContain('sk-abc');
  });
});

test('a server that is not there fails the turn', async () => {
  const server = startAppServer({ args: ['--model-url', 'http://127.0.0.1:1/v1', '--model', 'm'] });
  await initialize(server);
  const ran = await runTurn(server, await startThread(server), 'hello');
  expect(ran.turn.error?.codexErrorInfo).toEqual({ httpConnectionFailed: { httpStatusCode: null } });
  await server.close();
});

test('an interrupt ends the call of the model', async () => {
  await withModel([partOf(['so ', 'far '], 'hang')], async (server, chat) => {
    const threadId = await startThread(server);
    const turnId = await beginTurn(server, threadId, 'hello');
    await server.until(() => ofMethod(server.notifications, 'item/agentMessage/delta').length === 2);
    await server.get('turn/interrupt', { threadId, turnId });
    expect((await endOfTurn(server, turnId)).turn.status).toBe('interrupted');
    await chat.calls[0]?.left;
  });
});

test('the echo model is not offered beside it: the default model answers for its name, as for any other', async () => {
  await withModel([streamOf([{ content: 'from HTTP' }])], async (server) => {
    const { data } = await server.get<{ data: { id: string }[] }>('model/list', {});
    expect(data.map(({ id }) => id)).toEqual(['small-1']);
    const threadId = await startThread(server);
    expect((await runTurn(server, threadId, '/say a', { model: 'throughline-echo' })).text).toBe('from HTTP');
  });
});

test('the trace goes on in the headers of the call, from a CLIENT span below the model request', async () => {
  const chat = await createChatServer(streamOf([{ content: 'hello' }]));
  const { traceId, carrier, reqId } = newTrace(9);
  const spans = await spansOf({ args: chat.args }, async (server) => {
    await initialize(server);
    await runTurn(server, await startThread(server), 'hi', {}, carrier);
  });
  const [span] = named(spans, 'chat small-1');
  const [parent] = named(spans, 'model_request');
  expect(span).toMatchObject({ kind: 'CLIENT', traceId, parentSpanId: parent?.spanId, status: 'UNSET' });
  expect(span?.attributes).toEqual({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'small-1',
    'gen_ai.request.stream': true,
    'gen_ai.response.time_to_first_chunk': expect.any(Number),
    'gen_ai.usage.input_tokens': 50,
    'gen_ai.usage.cache_read.input_tokens': 30,
    'gen_ai.usage.cache_creation.input_tokens': 6,
    'gen_ai.usage.output_tokens': 9,
    'gen_ai.usage.reasoning.output_tokens': 4,
    'http.response.status_code': 200,
    'server.address': '127.0.0.1',
    'server.port': Number(new URL(chat.url).port),
    req_id: reqId,
  });
  expect(chat.calls[0]?.headers.traceparent).toBe(`00-${traceId}-${span?.spanId}-01`);
  expect(chat.calls[0]?.headers.tracestate).toBe(carrier.tracestate);
  await chat.close();
});

test('a failed call is an error on its span', async () => {
  const chat = await createChatServer(failWith(429, { message: 'slow down' }));
  const spans = await spansOf({ args: chat.args }, async (server) => {
    await initialize(server);
    await runTurn(server, await startThread(server), 'hi');
  });
  const attributes = { 'error.type': 'rateLimitExceeded', 'http.response.status_code': 429 };
  expect(named(spans, 'chat small-1')).toMatchObject([{ status: 'ERROR', attributes }]);
  expect(JSON.stringify(spans)).not.toContain('slow down');
  await chat.close();
});
