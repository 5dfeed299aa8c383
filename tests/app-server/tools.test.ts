import { beginTurn, endOfTurn, ofMethod, runTurn, startThread, withServer } from './conversation.ts';

const weather = {
  type: 'function',
  name: 'weather',
  description: 'of a city',
  inputSchema: { type: 'object' },
};

test('a tool of the client is called, and its result is in the answer', async () => {
  const answer = () => ({ result: { contentItems: [{ type: 'inputText', text: 'sunny' }], success: true } });
  await withServer({ answer }, async (server) => {
    const threadId = await startThread(server, { dynamicTools: [weather] });
    const ran = await runTurn(
      server,
      threadId,
      '/think which one\n/tool weather {"city":"Oslo"}\nHow is it?',
    );
    expect(server.asks).toMatchObject([
      {
        id: 0,
        method: 'item/tool/call',
        params: { threadId, turnId: ran.turnId, tool: 'weather', arguments: { city: 'Oslo' } },
      },
    ]);
    expect(ran.text).toBe('The tool weather answered: sunny');
    expect(ofMethod(ran.notifications, 'item/completed').map(({ params }) => params.item.type)).toEqual([
      'userMessage',
      'reasoning',
      'dynamicToolCall',
      'agentMessage',
    ]);
    expect(ofMethod(ran.notifications, 'thread/tokenUsage/updated').length).toBe(2);
  });
});

test.each([
  ['answers with an error', { error: { code: -1, message: 'no' } }, 'the client could not answer the call'],
  [
    'says that it failed',
    { result: { contentItems: [{ type: 'inputText', text: 'storm' }], success: false } },
    'storm',
  ],
])('a turn goes on when the client %s', async (_name, said, told) => {
  await withServer({ answer: () => said }, async (server) => {
    const threadId = await startThread(server, { dynamicTools: [weather] });
    const ran = await runTurn(server, threadId, '/tool weather {}');
    expect(ran.text).toBe(`The tool weather answered: ${told}`);
    expect(ran.turn.status).toBe('completed');
  });
});

test('a tool that the client has not offered is never asked for', async () => {
  await withServer({}, async (server) => {
    const ran = await runTurn(server, await startThread(server), '/tool weather {}');
    expect(ran.text).toBe('The tool weather answered: unsupported call: weather');
    expect(server.asks).toEqual([]);
  });
});

test('a tool result that comes back in a later request is answered without new input', async () => {
  await withServer({}, async (server) => {
    const threadId = await startThread(server);
    const items = [
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Weather?' }] },
      { type: 'function_call', call_id: 'c1', name: 'weather', arguments: '{"city":"Oslo"}' },
      { type: 'function_call_output', call_id: 'c1', output: 'rain' },
    ];
    await server.get('thread/inject_items', { threadId, items });
    expect((await runTurn(server, threadId, '')).text).toBe('The tool weather answered: rain');
  });
});

test('one turn can hold a preamble, a command and a final message', async () => {
  await withServer({}, async (server) => {
    const ran = await runTurn(server, await startThread(server), '/messages');
    const items = ofMethod(ran.notifications, 'item/completed').map(({ params }) => params.item);
    expect(items).toMatchObject([
      { type: 'userMessage' },
      { type: 'agentMessage', text: 'Let me look that up first.' },
      {
        type: 'commandExecution',
        command: 'echo hello',
        status: 'completed',
        aggregatedOutput: 'hello\n',
        exitCode: 0,
      },
      { type: 'agentMessage', text: 'Here is the final answer.' },
    ]);
  });
});

test.each([
  ['accept', 'completed', 'The tool shell answered: hi'],
  ['decline', 'declined', 'The tool shell answered: declined'],
])('a command that needs approval: %s', async (decision, status, said) => {
  await withServer({ answer: () => ({ result: { decision } }) }, async (server) => {
    const ran = await runTurn(server, await startThread(server), '/ask echo hi');
    expect(server.asks).toMatchObject([
      { method: 'item/commandExecution/requestApproval', params: { command: 'echo hi' } },
    ]);
    expect(ran.text).toBe(said);
    const ended = ofMethod(ran.notifications, 'item/completed').find(
      ({ params }) => params.item.type === 'commandExecution',
    );
    expect(ended?.params.item).toMatchObject({ status });
  });
});

test('a question to the client that is never answered ends with the turn', async () => {
  await withServer({}, async (server) => {
    const threadId = await startThread(server, { dynamicTools: [weather] });
    const turnId = await beginTurn(server, threadId, '/tool weather {}');
    await server.until(() => server.asks[0]);
    await server.get('turn/interrupt', { threadId, turnId });
    expect((await endOfTurn(server, turnId)).turn.status).toBe('interrupted');
  });
});

const sunny = () => ({ result: { contentItems: [{ type: 'inputText', text: 'sunny' }], success: true } });
const THREE = '/say Let me see.\n/tool weather {"n":1}\n/tool weather {"n":2}\n\n/tool weather {"n":3}';

test('lines with a tool that follow each other are calls of one response, an empty line begins another', async () => {
  await withServer({ answer: sunny }, async (server) => {
    const threadId = await startThread(server, { dynamicTools: [weather], experimentalRawEvents: true });
    const { notifications, turn } = await runTurn(server, threadId, THREE);
    expect(turn.status).toBe('completed');
    const steps = notifications.flatMap(({ method, params }) => {
      if (method === 'rawResponseItem/completed') return [params.item.type];
      return method === 'rawResponse/completed' || method === 'thread/tokenUsage/updated' ? [method] : [];
    });
    const [call, output] = ['function_call', 'function_call_output'];
    expect(steps).toEqual([
      ...['message', 'message', call, call, 'rawResponse/completed'],
      ...[output, output, 'thread/tokenUsage/updated'],
      ...[call, 'rawResponse/completed', output, 'thread/tokenUsage/updated'],
      ...['rawResponse/completed', 'thread/tokenUsage/updated'],
    ]);
    expect(server.asks.map(({ params }) => params['arguments'])).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    const ends = ofMethod(notifications, 'rawResponse/completed').map(({ params }) => params.usage);
    expect(ends).toEqual(
      ofMethod(notifications, 'thread/tokenUsage/updated').map(({ params }) => params.tokenUsage.last),
    );
  });
});

test('a thread that does not ask for raw events gets none', async () => {
  await withServer({ answer: sunny }, async (server) => {
    const threadId = await startThread(server, { dynamicTools: [weather] });
    const { notifications } = await runTurn(server, threadId, '/tool weather {}');
    expect(notifications.filter(({ method }) => method.startsWith('raw'))).toEqual([]);
  });
});

test('calls that are open when the turn is interrupted fail, and what the response used is told', async () => {
  await withServer({}, async (server) => {
    const threadId = await startThread(server, { dynamicTools: [weather] });
    const turnId = await beginTurn(server, threadId, '/tool weather {"n":1}\n/tool weather {"n":2}');
    await server.until(() => server.asks[1]);
    await server.get('turn/interrupt', { threadId, turnId });
    const { turn, notifications } = await endOfTurn(server, turnId);
    expect(turn.status).toBe('interrupted');
    const ended = ofMethod(notifications, 'item/completed').slice(1);
    expect(ended.map(({ params }) => params.item)).toMatchObject(
      Array(2).fill({ type: 'dynamicToolCall', status: 'failed', contentItems: [], success: false }),
    );
    expect(ofMethod(notifications, 'thread/tokenUsage/updated')).toHaveLength(1);
    for (const { id } of server.asks) server.sendRaw(JSON.stringify({ id, ...sunny() }));
    await server.get('model/list', {});
    expect(server.diagnostics).toEqual([]);
  });
});

test('the results of several calls that come back in a later request are all in the answer', async () => {
  await withServer({}, async (server) => {
    const threadId = await startThread(server, { dynamicTools: [weather] });
    const prompt = '/tool weather {"n":1}\n/tool weather {"n":2}\nHow is it?';
    const call = (id: string) => ({ type: 'function_call', call_id: id, name: 'weather', arguments: '{}' });
    const items = [
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: prompt }] },
      ...['c1', 'c2'].map(call),
      { type: 'function_call_output', call_id: 'c1', output: 'rain' },
      { type: 'function_call_output', call_id: 'c2', output: 'snow' },
    ];
    await server.get('thread/inject_items', { threadId, items });
    expect((await runTurn(server, threadId, '')).text).toBe(
      'The tool weather answered: rain\nThe tool weather answered: snow',
    );
    expect(server.asks).toEqual([]);
  });
});

test.each([
  ['a b', 'dynamic tool name must match ^[a-zA-Z0-9_-]+$ to match Responses API: a b'],
  ['mcp', 'dynamic tool name is reserved: mcp'],
  ['mcp__files__read', 'dynamic tool name is reserved: mcp__files__read'],
  ['weather', 'duplicate dynamic tool name: weather'],
])('a tool of the name %j is refused as by the real server', async (name, message) => {
  await withServer({}, async (server) => {
    const { error } = await server.call('thread/start', { dynamicTools: [weather, { ...weather, name }] });
    expect(error).toEqual({ code: -32600, message });
  });
});
