import { once } from 'node:events';
import { text as readText } from 'node:stream/consumers';
import { WebSocket } from 'ws';
import { beginTurn, initialize, ofMethod, startThread, withServer } from './conversation.ts';
import { mirrorTo, newTrace, startAppServer, withReceiver } from './support.ts';
import { spawnMain } from './wires.ts';

const runMain = async (...args: string[]) => {
  const child = spawnMain(args);
  const [stdout, stderr, [code]] = await Promise.all([
    readText(child.stdout),
    readText(child.stderr),
    once(child, 'close'),
  ]);
  return { stdout, stderr, code };
};

describe('the command line', () => {
  test('--help and --version answer on stdout', async () => {
    expect(await runMain('--help')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('--word-delay-ms'),
      stderr: '',
    });
    expect(await runMain('--version')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });

  test.each([
    [['--nope'], "Unknown option '--nope'"],
    [['word'], "Unexpected argument 'word'"],
    [['--word-delay-ms', 'soon'], '--word-delay-ms soon: allowed are whole milliseconds'],
    [
      ['--listen', 'ws://0.0.0.0:1234'],
      '--listen ws://0.0.0.0:1234: allowed are stdio:// and ws://127.0.0.1:PORT',
    ],
    [['--model-url', 'http://a:secret@b/v1'], "Unknown option '--model-url'"],
  ])('%j is refused with one clear line', async (args, problem) => {
    const { code, stdout, stderr } = await runMain(...args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(problem);
    expect(stderr).not.toContain('secret');
  });
});

describe('the end of the process', () => {
  test.each(['SIGTERM', 'the end of its input'])(
    '%s stops a stalled turn, sends the last spans and exits',
    async (how) => {
      await withReceiver(async (receiver) => {
        const server = startAppServer({ env: mirrorTo(receiver) });
        await initialize(server);
        const turnId = await beginTurn(
          server,
          await startThread(server),
          '/deaf\n/stall',
          {},
          newTrace(1).carrier,
        );
        await server.until(() => ofMethod(server.notifications, 'item/agentMessage/delta').length === 4);
        if (how === 'SIGTERM') server.kill('SIGTERM');
        expect(await (how === 'SIGTERM' ? server.exited : server.close())).toEqual({ code: 0, signal: null });
        const turn = receiver.spans().find(({ name }) => name === 'app_server.turn');
        expect(turn?.attributes).toMatchObject({
          'app_server.turn_id': turnId,
          'app_server.turn_status': 'interrupted',
        });
      });
    },
  );

  test('/crash ends it at once with the code that was asked for', async () => {
    const server = startAppServer();
    await initialize(server);
    await beginTurn(server, await startThread(server), '/say so long\n/crash 7');
    expect(await server.exited).toEqual({ code: 7, signal: null });
    expect(ofMethod(server.notifications, 'turn/completed')).toEqual([]);
  });

  test('a reader that goes away without a word ends it too', async () => {
    const child = spawnMain(['--word-delay-ms', '0']);
    child.stdin.write('{"id":0,"method":"initialize","params":{"clientInfo":{"name":"x","version":"1"}}}\n');
    await once(child.stdout, 'data');
    child.stdout.destroy();
    child.stdin.end('{"id":1,"method":"model/list"}\n');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});

test('/garbage puts a line on the wire that is no message, and the turn goes on', async () => {
  await withServer({}, async (server) => {
    await beginTurn(server, await startThread(server), '/garbage\nhello');
    await server.until(() => ofMethod(server.notifications, 'turn/completed')[0]);
    expect(server.lines.filter((line) => !line.startsWith('{'))).toEqual(['this line is no JSON']);
  });
});

test('a line over the bound is refused, and the next one is read', async () => {
  await withServer({}, async (server) => {
    server.sendRaw('x'.repeat(64 * 1024 * 1024 + 1));
    await server.until(() => server.lines.find((line) => line.includes('the line is too long')));
    expect(await server.get('model/list')).toBeDefined();
  });
});

describe('on a websocket', () => {
  const withListener = async (use: (url: string) => Promise<void>) => {
    const server = startAppServer({ transport: 'websocket' });
    await use(await server.url).finally(() => server.close());
  };

  test('it says that it is ready, and nothing else over plain HTTP', async () => {
    await withListener(async (url) => {
      const statusOf = async (path: string) =>
        (await fetch(new URL(path, url.replace('ws:', 'http:')))).status;
      expect(await Promise.all(['/readyz', '/healthz', '/', '/v1/models'].map(statusOf))).toEqual([
        200, 200, 404, 404,
      ]);
    });
  });

  test('a page in a browser is refused', async () => {
    await withListener(async (url) => {
      const socket = new WebSocket(url, { headers: { origin: 'http://evil.example' } });
      expect(await once(socket, 'error')).toMatchObject([{ message: 'Unexpected server response: 403' }]);
    });
  });

  test('each connection has its own handshake, and one that leaves takes its turns along', async () => {
    await withReceiver(async (receiver) => {
      const server = startAppServer({ transport: 'websocket', env: mirrorTo(receiver) });
      await initialize(server);
      const socket = new WebSocket(await server.url);
      await once(socket, 'open');
      socket.send('{"id":1,"method":"model/list"}');
      expect(JSON.parse(String((await once(socket, 'message'))[0]))).toMatchObject({
        error: { message: 'Not initialized' },
      });
      socket.send('{"id":2,"method":"initialize","params":{"clientInfo":{"name":"x","version":"1"}}}');
      await once(socket, 'message');
      socket.send('{"id":3,"method":"thread/start","params":{"ephemeral":true}}');
      const threadId = JSON.parse(String((await once(socket, 'message'))[0])).result.thread.id;
      const input = [{ type: 'text', text: '/deaf\n/stall', text_elements: [] }];
      socket.send(JSON.stringify({ id: 4, method: 'turn/start', params: { threadId, input } }));
      await once(socket, 'message');
      socket.close();
      const turn = await receiver.waitFor((spans) => spans.find(({ name }) => name === 'app_server.turn'));
      expect(turn.attributes['app_server.turn_status']).toBe('interrupted');
      expect((await server.call('thread/read', { threadId })).error?.message).toBe('thread not found');
      await server.close();
    });
  });

  test('a port that is taken is said in one line', async () => {
    await withListener(async (url) => {
      const { code, stderr } = await runMain('--listen', url);
      expect(code).toBe(1);
      expect(JSON.parse(stderr)).toMatchObject({ level: 'error', msg: 'cannot begin', code: 'EADDRINUSE' });
    });
  });
});
