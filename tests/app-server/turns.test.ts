import type { TokenUsage } from '../../src/app-server-protocol.ts';
import { beginTurn, endOfTurn, ofMethod, runTurn, startThread, text, withServer } from './support.ts';

const usage = (input: number, cached: number, output: number, reasoning: number): TokenUsage => ({
  ...{ totalTokens: input + output, inputTokens: input, cachedInputTokens: cached, cacheWriteInputTokens: 0 },
  ...{ outputTokens: output, reasoningOutputTokens: reasoning },
});

const weather = {
  type: 'function',
  name: 'weather',
  description: 'of a city',
  inputSchema: { type: 'object' },
};

test('a turn says the prompt back, word by word, in the real order of notifications', async () => {
  await withServer({}, async (server) => {
    const threadId = await startThread(server);
    const ran = await runTurn(server, threadId, 'hello there');
    expect(ran.text).toBe('You said: hello there');
    const around = server.notifications.filter(({ method }) => method !== 'thread/started');
    expect(around.map(({ method }) => method)).toEqual([
      'thread/status/changed',
      'turn/started',
      'item/started',
      'item/completed',
      'item/started',
      ...Array(4).fill('item/agentMessage/delta'),
      'item/completed',
      'thread/tokenUsage/updated',
      'thread/status/changed',
      'turn/completed',
    ]);
    expect(ran.turn).toMatchObject({
      status: 'completed',
      error: null,
      items: [{ type: 'agentMessage', text: ran.text }],
    });
  });
});

test('history and system prompt show in the answer, and are counted as cached', async () => {
  await withServer({}, async (server) => {
    const threadId = await startThread(server, {
      baseInstructions: 'Be kind.',
      developerInstructions: 'And short.',
    });
    const message = (role: string, type: string, said: string) => ({
      type: 'message',
      role,
      content: [{ type, text: said }],
    });
    const items = [message('user', 'input_text', 'one two'), message('assistant', 'output_text', 'three')];
    await server.get('thread/inject_items', { threadId, items });
    const ran = await runTurn(server, threadId, 'four');
    expect(ran.text).toBe('You said: four (after 2 earlier messages, with 4 words of instructions)');
    const [updated] = ofMethod(ran.notifications, 'thread/tokenUsage/updated');
    expect(updated?.params.tokenUsage).toMatchObject({ last: usage(8, 7, 12, 0), total: usage(8, 7, 12, 0) });
  });
});

test('usage adds up over the thread', async () => {
  await withServer({}, async (server) => {
    const threadId = await startThread(server);
    await runTurn(server, threadId, 'one');
    const ran = await runTurn(server, threadId, '/think a b\n/say c');
    const [updated] = ofMethod(ran.notifications, 'thread/tokenUsage/updated');
    expect(updated?.params.tokenUsage.last).toEqual(usage(9, 4, 3, 2));
    expect(updated?.params.tokenUsage.total).toEqual(usage(10, 4, 6, 2));
  });
});

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

test.each([
  ['/fail rateLimitExceeded', 'rateLimitExceeded', ''],
  ['/say one two\n/fail serverOverloaded', 'serverOverloaded', 'one two'],
  ['/fail httpConnectionFailed 503', { httpConnectionFailed: { httpStatusCode: 503 } }, ''],
])('%j fails the turn', async (prompt, codexErrorInfo, said) => {
  await withServer({}, async (server) => {
    const ran = await runTurn(server, await startThread(server), prompt);
    expect(ran.turn).toMatchObject({ status: 'failed', error: { codexErrorInfo } });
    expect(ran.text).toBe(said);
    expect(ofMethod(ran.notifications, 'error')).toMatchObject([
      { params: { willRetry: false, error: { codexErrorInfo } } },
    ]);
    expect(ofMethod(ran.notifications, 'thread/tokenUsage/updated')).toEqual([]);
  });
});

test('an error that will be retried does not end the turn', async () => {
  await withServer({}, async (server) => {
    const ran = await runTurn(server, await startThread(server), '/retry\nhello');
    expect(ofMethod(ran.notifications, 'error')).toMatchObject([{ params: { willRetry: true } }]);
    expect(ran).toMatchObject({ text: 'You said: hello', turn: { status: 'completed' } });
  });
});

test.each([
  ['/usage none', []],
  ['/usage 100 40 20 5', [usage(100, 40, 20, 5)]],
])('%s decides what usage is told', async (prompt, told) => {
  await withServer({}, async (server) => {
    const ran = await runTurn(server, await startThread(server), prompt);
    expect(
      ofMethod(ran.notifications, 'thread/tokenUsage/updated').map(({ params }) => params.tokenUsage.last),
    ).toEqual(told);
  });
});

test('a stalled turn ends when it is interrupted, and the thread can go on', async () => {
  await withServer({}, async (server) => {
    const threadId = await startThread(server);
    const turnId = await beginTurn(server, threadId, '/stall');
    await server.until(() => ofMethod(server.notifications, 'item/agentMessage/delta').length === 4);
    expect((await server.call('turn/interrupt', { threadId, turnId: 'other' })).error?.code).toBe(-32600);
    expect(await server.get('turn/interrupt', { threadId, turnId })).toEqual({});
    expect(await endOfTurn(server, turnId)).toMatchObject({
      text: 'This answer stops here ',
      turn: { status: 'interrupted', error: null },
    });
    expect((await server.call('turn/interrupt', { threadId, turnId })).error?.message).toBe(
      'no active turn to interrupt',
    );
    expect((await runTurn(server, threadId, 'on')).turn.status).toBe('completed');
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

test('a deaf turn takes the interrupt and goes on', async () => {
  await withServer({}, async (server) => {
    const threadId = await startThread(server);
    const turnId = await beginTurn(server, threadId, '/deaf\n/say begun\n/wait 150\n/say ended');
    await server.until(() => ofMethod(server.notifications, 'item/agentMessage/delta')[0]);
    expect(await server.get('turn/interrupt', { threadId, turnId })).toEqual({});
    expect(await endOfTurn(server, turnId)).toMatchObject({
      text: 'begunended',
      turn: { status: 'completed' },
    });
  });
});

test('a turn can be steered, by its own method or by a second start', async () => {
  await withServer({}, async (server) => {
    const threadId = await startThread(server);
    const turnId = await beginTurn(server, threadId, '/wait 100\nfirst');
    expect(
      await server.get('turn/steer', { threadId, expectedTurnId: turnId, input: text('second') }),
    ).toEqual({ turnId });
    expect(await beginTurn(server, threadId, 'third')).toBe(turnId);
    const ran = await endOfTurn(server, turnId);
    const users = ofMethod(ran.notifications, 'item/completed').filter(
      ({ params }) => params.item.type === 'userMessage',
    );
    expect(users.length).toBe(3);
    expect(ran.text).toContain('You said: first');
    expect(ran.text).toContain('You said: third (after 3 earlier messages)');
  });
});

test('a review runs between its two markers', async () => {
  await withServer({}, async (server) => {
    const threadId = await startThread(server);
    const target = { type: 'custom', instructions: 'look here' };
    const { turn, reviewThreadId } = await server.get<{ turn: { id: string }; reviewThreadId: string }>(
      'review/start',
      { threadId, target },
    );
    expect(reviewThreadId).toBe(threadId);
    const ran = await endOfTurn(server, turn.id);
    const items = ofMethod(ran.notifications, 'item/completed').map(({ params }) => params.item);
    expect(items.at(0)).toMatchObject({ type: 'enteredReviewMode', review: 'look here' });
    expect(items.at(-1)).toMatchObject({ type: 'exitedReviewMode', review: 'You said: look here' });
  });
});

test('a compaction replaces the history by its summary', async () => {
  await withServer({}, async (server) => {
    const threadId = await startThread(server);
    for (const prompt of ['one', 'two']) await runTurn(server, threadId, prompt);
    await server.get('thread/compact/start', { threadId });
    await server.until(() => ofMethod(server.notifications, 'turn/completed')[2]);
    expect(ofMethod(server.notifications, 'item/completed').at(-1)?.params.item.type).toBe(
      'contextCompaction',
    );
    expect((await runTurn(server, threadId, 'three')).text).toBe('You said: three (after 1 earlier message)');
  });
});

test('fifty turns run at once on one connection, and each hears its own answer', async () => {
  await withServer({}, async (server) => {
    const prompts = Array.from({ length: 50 }, (_, i) => `prompt number ${i}`);
    const ran = await Promise.all(
      prompts.map(async (prompt) =>
        runTurn(server, await startThread(server), `/wait ${prompt.length}\n${prompt}`),
      ),
    );
    expect(ran.map((turn) => turn.text)).toEqual(prompts.map((prompt) => `You said: ${prompt}`));
  });
});
