import {
  beginTurn,
  endOfTurn,
  ofMethod,
  runTurn,
  startThread,
  text,
  usage,
  withServer,
} from './conversation.ts';

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
