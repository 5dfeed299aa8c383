import { CLIENT_INFO, initialize, ofMethod, runTurn, startThread, text, withServer } from './conversation.ts';
import { startAppServer } from './support.ts';

describe('the handshake', () => {
  test('comes first: everything before it is refused, and a second one too', async () => {
    const server = startAppServer();
    const refusal = { code: -32600, message: 'Not initialized' };
    expect((await server.call('model/list')).error).toEqual(refusal);
    expect((await server.call('thread/start', {})).error).toEqual(refusal);
    const { userAgent } = await initialize(server);
    expect(userAgent).toContain('jest; 9.9');
    expect((await server.call('initialize', { clientInfo: CLIENT_INFO })).error).toEqual({
      code: -32600,
      message: 'Already initialized',
    });
    await server.close();
  });

  test('keeps away the notifications that the client has opted out of', async () => {
    const server = startAppServer();
    const capabilities = { experimentalApi: true, optOutNotificationMethods: ['item/agentMessage/delta'] };
    await server.get('initialize', { clientInfo: CLIENT_INFO, capabilities });
    const { notifications } = await runTurn(server, await startThread(server), 'hello');
    expect(ofMethod(notifications, 'item/agentMessage/delta')).toEqual([]);
    expect(ofMethod(notifications, 'item/completed').length).toBe(2);
    await server.close();
  });
});

describe('what cannot be answered', () => {
  const server = startAppServer();
  beforeAll(() => initialize(server));
  afterAll(() => server.close());

  test.each([
    ['a line that is no JSON', 'not json', null, -32700, 'Parse error: the message is not JSON'],
    ['a list', '[]', null, -32600, 'Invalid request: a message is an object'],
    ['a message without a method', '{"id":"x"}', 'x', -32600, 'Invalid request: missing field `method`'],
    [
      'an id of a wrong type',
      '{"id":{},"method":"m"}',
      null,
      -32600,
      'Invalid request: `id` must be a string or an integer',
    ],
  ])('%s is refused, and the connection goes on', async (_name, line, id, code, message) => {
    const before = server.lines.length;
    server.sendRaw(line);
    const answer = await server.until(() => server.lines[before]);
    expect(JSON.parse(answer)).toEqual({ id, error: { code, message } });
    expect(await server.get('model/list')).toBeDefined();
    expect(server.diagnostics.at(-1)).toMatchObject({ level: 'warn', code });
  });

  test.each([
    ['turn/start', {}, 'missing field `threadId`'],
    ['turn/start', { threadId: 7 }, '`threadId` must be a string'],
    ['turn/start', { threadId: 'ID', input: 'hello' }, '`input` must be an array'],
    ['turn/start', { threadId: 'ID', input: [{ type: 'text' }] }, 'missing field `input[0].text`'],
    [
      'turn/start',
      { threadId: 'ID', input: [{ type: 'poem' }] },
      '`input[0].type` must be one of "text", "image"',
    ],
    ['turn/interrupt', { threadId: 'ID' }, 'missing field `turnId`'],
    ['thread/start', { ephemeral: 'yes' }, '`ephemeral` must be a boolean'],
    ['thread/start', { sandbox: 'none' }, '`sandbox` must be one of'],
    ['thread/start', { dynamicTools: [{ type: 'function' }] }, 'missing field `dynamicTools[0].name`'],
    [
      'thread/inject_items',
      { threadId: 'ID', items: [{ type: 'message', role: 'user' }] },
      'missing field `items[0].content`',
    ],
    ['review/start', { threadId: 'ID' }, 'missing field `target`'],
    ['model/list', { limit: 0 }, '`limit` must be a positive integer'],
    ['model/list', 'all', '`params` must be an object'],
  ])('%s with %j says which field is wrong', async (method, params, problem) => {
    const threadId = await startThread(server);
    const given = JSON.parse(JSON.stringify(params).replace('"ID"', JSON.stringify(threadId)));
    const { error } = await server.call(method, given);
    expect(error?.code).toBe(-32602);
    expect(error?.message).toContain(problem);
  });

  test('a method that is left out answers -32601, and a thread that is not there -32600', async () => {
    for (const method of ['thread/realtime/start', 'skills/list', 'toString']) {
      expect((await server.call(method, {})).error).toEqual({ code: -32601, message: 'Method not found' });
    }
    const { error } = await server.call('turn/start', { threadId: 'gone', input: [] });
    expect(error).toEqual({ code: -32600, message: 'thread not found' });
  });
});

describe('models and configuration', () => {
  test('the echo model is listed, and is what the configuration names', async () => {
    await withServer({}, async (server) => {
      const { data } = await server.get<{ data: { id: string; isDefault: boolean }[] }>('model/list', {});
      expect(data).toMatchObject([{ id: 'throughline-echo', isDefault: true }]);
      expect(await server.get('config/read', {})).toMatchObject({ config: { model: 'throughline-echo' } });
    });
  });
});

describe('threads', () => {
  test('are listed newest first unless ephemeral, can be read with their turns, resumed and forked', async () => {
    await withServer({}, async (server) => {
      await startThread(server);
      const first = await startThread(server, { ephemeral: false });
      const second = await startThread(server, { ephemeral: false });
      await runTurn(server, first, 'remember this');
      const ids = async (params: object) => {
        const page = await server.get<{ data: { id: string }[]; nextCursor: string | null }>(
          'thread/list',
          params,
        );
        return [page.data.map(({ id }) => id), page.nextCursor];
      };
      expect(await ids({})).toEqual([[second, first], null]);
      expect(await ids({ limit: 1 })).toEqual([[second], second]);
      expect(await ids({ limit: 1, cursor: second })).toEqual([[first], null]);

      const items = [{ type: 'userMessage' }, { type: 'agentMessage', text: 'You said: remember this' }];
      const read = await server.get('thread/read', { threadId: first, includeTurns: true });
      expect(read).toMatchObject({
        thread: { preview: 'remember this', turns: [{ status: 'completed', items }] },
      });
      expect(await server.get('thread/resume', { threadId: first })).toMatchObject({
        thread: { turns: [{ items }] },
      });
      const fork = await server.get<{ thread: { id: string } }>('thread/fork', {
        threadId: first,
        ephemeral: true,
      });
      expect(fork).toMatchObject({ thread: { forkedFromId: first, ephemeral: true } });
      expect((await runTurn(server, fork.thread.id, 'more')).text).toBe(
        'You said: more (after 2 earlier messages)',
      );
    });
  });

  test('an ephemeral one is gone when its last client unsubscribes', async () => {
    await withServer({}, async (server) => {
      const threadId = await startThread(server);
      expect(await server.get('thread/unsubscribe', { threadId })).toEqual({ status: 'unsubscribed' });
      expect(await server.get('thread/unsubscribe', { threadId })).toEqual({ status: 'notLoaded' });
      expect((await server.call('turn/start', { threadId, input: text('hi') })).error?.message).toBe(
        'thread not found',
      );
    });
  });
});
