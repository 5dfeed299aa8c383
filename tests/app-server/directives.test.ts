import { beginTurn, endOfTurn, ofMethod, runTurn, startThread, usage, withServer } from './conversation.ts';

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

test('reasoning that a retry finds open is begun anew, and never completed', async () => {
  await withServer({}, async (server) => {
    const ran = await runTurn(server, await startThread(server), '/think one\n/retry\n/think two\nhello');
    const thoughts = ofMethod(ran.notifications, 'item/completed').flatMap(({ params: { item } }) =>
      item.type === 'reasoning' ? item.summary : [],
    );
    expect(thoughts).toEqual(['two']);
  });
});

test.each(['item/started', 'item/completed'] as const)('a message has its phase at %s', async (method) => {
  await withServer({}, async (server) => {
    const ran = await runTurn(server, await startThread(server), '/messages');
    const phases = ofMethod(ran.notifications, method).flatMap(({ params: { item } }) =>
      item.type === 'agentMessage' ? [item.phase] : [],
    );
    expect(phases).toEqual(['commentary', 'final_answer']);
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
