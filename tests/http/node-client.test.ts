import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { GatewayError } from '../../src/errors.ts';
import type { Client } from '../../src/gateway/ports.ts';
import { createNodeClient } from '../../src/http/node-client.ts';
import type { Pace } from '../../src/pace.ts';
import { clientLeft } from '../support/fake-exchange.ts';
import { type Loopback, listenOnLoopback } from '../support/loopback.ts';
import { countingPace, noPace, stuckPace } from '../support/pace.ts';

const MEGABYTE = 'x'.repeat(1024 * 1024);

let server: Loopback;
let responses: PromiseWithResolvers<ServerResponse>;
let socket: Socket;

beforeAll(async () => {
  server = await listenOnLoopback((_, response) => responses.resolve(response));
});
afterAll(() => server.close());
afterEach(() => void socket.destroy());

/** The server's end of a request; `socket` is the client's, which reads nothing until it is told to. */
const open = async (method = 'GET', stallMs = 60_000, pace: Pace = noPace) => {
  responses = Promise.withResolvers();
  socket = connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => undefined);
  socket.write(`${method} / HTTP/1.1\r\nhost: x\r\n\r\n`);
  const response = await responses.promise;
  const controller = new AbortController();
  response.once('close', () => response.writableFinished || controller.abort(clientLeft()));
  const options = {
    signal: controller.signal,
    stallMs,
    stalled: (error: GatewayError) => controller.abort(error),
    pace,
  };
  return { client: createNodeClient(response, method, options), controller };
};

/** Writes until the client has no room: the last write waits. */
const fill = async (client: Client): Promise<{ waiting: Promise<void> }> => {
  for (;;) {
    let taken = false;
    const write = Promise.resolve(client.write(MEGABYTE) ?? undefined).finally(() => {
      taken = true;
    });
    write.catch(() => undefined);
    for (let turns = 0; turns < 3 && !taken; turns++) await new Promise((resolve) => setImmediate(resolve));
    if (!taken) return { waiting: write };
  }
};

const readAll = async (): Promise<string> => {
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer;
};

test('head and body go out, and every byte of the body is counted', async () => {
  const { client } = await open();
  expect(client.headSent).toBe(false);
  client.head(200, { 'content-type': 'text/plain', connection: 'close' });
  expect(client.headSent).toBe(true);
  await client.write('naïve');
  const complete = client.end();
  expect(await readAll()).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*naïve/);
  expect(await complete).toBe(true);
  expect(client.bytesWritten).toBe(6);
});

test('the head of an answer behind another one is out only when that one is', async () => {
  const { client: first } = await open();
  responses = Promise.withResolvers();
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  const second = createNodeClient(await responses.promise, 'GET', {
    signal: new AbortController().signal,
    stallMs: 60_000,
    stalled: () => undefined,
    pace: noPace,
  });
  second.head(200, { connection: 'close' });
  await second.write('hello');
  expect([second.headSent, second.headOut, second.bytesWritten]).toEqual([true, false, 0]);
  first.head(200, {});
  expect(first.headOut).toBe(true);
  void first.end();
  void second.end();
  expect(await readAll()).toContain('hello');
  expect([second.headOut, second.bytesWritten]).toEqual([true, 5]);
});

test('a second head is not sent', async () => {
  const { client } = await open();
  client.head(200, { connection: 'close' });
  client.head(500, {});
  void client.end();
  expect(await readAll()).not.toContain('500');
});

test('a HEAD request takes no body', async () => {
  expect((await open('HEAD')).client.bodiless).toBe(true);
});

test('a write waits for a client that reads slowly, and goes on when it reads', async () => {
  const { client } = await open();
  client.head(200, { connection: 'close' });
  const { waiting } = await fill(client);
  socket.resume();
  await waiting;
  expect(await client.end()).toBe(true);
});

test('a write that waits is given up, with the reason, when the client leaves', async () => {
  const { client } = await open();
  client.head(200, {});
  const { waiting } = await fill(client);
  socket.destroy();
  await expect(waiting).rejects.toMatchObject({ code: 'client_disconnected' });
  await expect(client.write('more')).rejects.toMatchObject({ code: 'client_disconnected' });
  expect(await client.end()).toBe(false);
});

test('a client that takes no byte for too long is cut off, and the write that waits says why', async () => {
  const { client } = await open('GET', 20);
  client.head(200, {});
  const { waiting } = await fill(client);
  await expect(waiting).rejects.toMatchObject({
    code: 'client_stalled',
    outcome: 'client_disconnect',
    message: expect.stringContaining('20 ms'),
  });
  expect(await client.end()).toBe(false);
});

test('so is one that does not take the end of its answer', async () => {
  const { client, controller } = await open('GET', 20);
  client.head(200, {});
  await fill(client);
  expect(await client.end()).toBe(false);
  expect(controller.signal.reason).toMatchObject({ code: 'client_stalled' });
});

test('a stream that has nothing to say is not stalled', async () => {
  const { client, controller } = await open('GET', 20);
  client.head(200, { connection: 'close' });
  socket.resume();
  await client.write(MEGABYTE);
  socket.setTimeout(60);
  await once(socket, 'timeout');
  expect(controller.signal.aborted).toBe(false);
  expect(await client.end()).toBe(true);
});

test('a long text goes out in pieces over several turns of the event loop, and whole', async () => {
  const { pace, turns } = countingPace(1);
  const { client } = await open('GET', 60_000, pace);
  const long = '01234😀'.repeat(400_000);
  client.head(200, { connection: 'close' });
  const read = readAll();
  await client.write(long);
  await client.end();
  expect((await read).endsWith(`${long.slice(-64)}\r\n0\r\n\r\n`)).toBe(true);
  expect(client.bytesWritten).toBe(Buffer.byteLength(long));
  expect(turns()).toBeGreaterThan(5);
});

test('nothing rests behind the last byte: who has all of an answer may leave at once', async () => {
  const { client } = await open('GET', 60_000, stuckPace);
  client.head(200, { connection: 'close' });
  await client.write('all of it');
  expect(await Promise.all([client.end(), readAll()])).toEqual([true, expect.stringContaining('all of it')]);
});
