import { descendantsOf } from '../support/otlp-spans.ts';
import { initialize, runTurn, startThread } from './conversation.ts';
import { named, requestOf, spansOf } from './spans.ts';

test('every other method has its request span alone', async () => {
  const spans = await spansOf({}, async (server) => {
    await initialize(server);
    const threadId = await startThread(server, { ephemeral: false });
    const fork = await server.get<{ thread: { id: string } }>('thread/fork', { threadId });
    for (const method of ['thread/read', 'thread/resume', 'thread/unsubscribe'])
      await server.get(method, { threadId: fork.thread.id });
    for (const method of ['thread/list', 'model/list', 'config/read']) await server.get(method, {});
    for (const method of ['turn/interrupt', 'turn/steer']) {
      await server.call(method, { threadId, turnId: 'none', expectedTurnId: 'none', input: [] });
    }
  });
  expect(new Set(spans.map(({ name }) => name))).toEqual(new Set(['app_server.request']));
  expect(spans.length).toBe(11);
});

test.each([
  ['review/start', { target: { type: 'uncommittedChanges' } }, 'review'],
  ['thread/compact/start', {}, 'compact'],
])('%s is a turn', async (method, params, kind) => {
  const spans = await spansOf({}, async (server) => {
    await initialize(server);
    const threadId = await startThread(server);
    await server.get(method, { threadId, ...params });
    await server.until(() => server.notifications.find((n) => n.method === 'turn/completed'));
  });
  const below = descendantsOf(requestOf(spans, method), spans).map(({ name }) => name);
  expect(below).toEqual(['app_server.dispatch', 'app_server.turn', 'run_turn', 'model_request']);
  expect(named(spans, 'app_server.turn')[0]?.attributes['app_server.turn_kind']).toBe(kind);
});

test('an error answer is an error on the span, and an unknown method is kept apart', async () => {
  const spans = await spansOf({}, async (server) => {
    await initialize(server);
    await server.call('turn/start', {});
    await server.call('skills/list', {});
  });
  const error = { 'rpc.status_code': '-32602', 'error.type': '-32602' };
  expect(requestOf(spans, 'turn/start')).toMatchObject({ status: 'ERROR', attributes: error });
  expect(requestOf(spans, 'turn/start').otlp.status?.message).toBe(
    'Invalid params: missing field `threadId`',
  );
  expect(requestOf(spans, '_OTHER').attributes).toMatchObject({
    'rpc.method_original': 'skills/list',
    'rpc.status_code': '-32601',
  });
});

test('no word of a conversation is on any span or in any diagnostic', async () => {
  const secret = 'SECRET-WORD';
  let said = '';
  const answer = () => ({ result: { contentItems: [{ type: 'inputText', text: secret }], success: true } });
  const spans = await spansOf({ answer }, async (server) => {
    await initialize(server);
    const dynamicTools = [{ type: 'function', name: 'weather', description: secret, inputSchema: {} }];
    const threadId = await startThread(server, { baseInstructions: secret, dynamicTools });
    await runTurn(
      server,
      threadId,
      `/think ${secret}\n/tool weather {"a":"${secret}"}\n/ask echo ${secret}\n${secret}`,
    );
    await server.call('turn/start', { threadId: secret, input: secret });
    await server.call('initialize', { clientInfo: secret });
    server.sendRaw(`${secret} is no JSON`);
    await server.until(() => server.diagnostics[0]);
    said = JSON.stringify(server.diagnostics);
  });
  expect(spans.length).toBeGreaterThan(8);
  const texts = spans.map(({ otlp }) => JSON.stringify(otlp));
  expect(texts.filter((text) => text.includes(secret))).toEqual([]);
  expect(said).not.toContain(secret);
});
