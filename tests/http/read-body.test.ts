import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { createBodyBudget } from '../../src/http/body-budget.ts';
import { type Body, readBody } from '../../src/http/read-body.ts';
import { clientLeft } from '../support/fake-exchange.ts';
import { type Loopback, listenOnLoopback } from '../support/loopback.ts';

const MAX = 1000;

type Request = { body: Promise<Body>; incoming: IncomingMessage; response: ServerResponse };

let server: Loopback;
let requests: PromiseWithResolvers<Request>;
const wide = () => ({ maxBytes: MAX, timeoutMs: 60_000, budget: createBodyBudget(10 * MAX) });
let limits = wide();
let controller: AbortController;

beforeAll(async () => {
  server = await listenOnLoopback((incoming, response) => {
    const body = readBody(incoming, limits, controller.signal);
    body.catch(() => undefined);
    requests.resolve({ body, incoming, response });
  });
});
afterAll(() => server.close());
beforeEach(() => {
  requests = Promise.withResolvers();
  controller = new AbortController();
  limits = wide();
});

/** Opens a request by hand, so that the test decides when which byte is sent. */
const open = (headers: string): Socket => {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`POST / HTTP/1.1\r\nhost: x\r\n${headers}\r\n\r\n`);
  return socket;
};

const bytesOf = async (): Promise<string> => {
  const body = await (await requests.promise).body;
  if (body.type !== 'bytes') throw new Error(`refused: ${body.error.message}`);
  return body.bytes.toString();
};

test('a body in many pieces is read whole', async () => {
  const socket = open('content-length: 13');
  for (const piece of ['naï', 've ', '漢字']) socket.write(piece);
  expect(await bytesOf()).toBe('naïve 漢字');
  socket.destroy();
});

test('a chunked body is read whole', async () => {
  const socket = open('transfer-encoding: chunked');
  socket.write('3\r\none\r\n4\r\n two\r\n0\r\n\r\n');
  expect(await bytesOf()).toBe('one two');
  socket.destroy();
});

test('no body at all is an empty one', async () => {
  const socket = open('content-length: 0');
  expect(await bytesOf()).toBe('');
  socket.destroy();
});

test('a body of exactly the limit is taken', async () => {
  const socket = open(`content-length: ${MAX}`);
  socket.write('x'.repeat(MAX));
  expect(await bytesOf()).toHaveLength(MAX);
  socket.destroy();
});

test.each([`content-length: ${MAX + 1}`, 'transfer-encoding: chunked'])(
  'one byte more is refused (%s), and the client can still read the answer',
  async (headers) => {
    const socket = open(headers);
    const bytes = 'x'.repeat(MAX + 1);
    socket.write(
      headers.startsWith('transfer') ? `${bytes.length.toString(16)}\r\n${bytes}\r\n0\r\n\r\n` : bytes,
    );
    const { body, response } = await requests.promise;
    expect(await body).toMatchObject({
      type: 'refused',
      bytes: MAX + 1,
      error: { code: 'request_too_large', status: 413 },
    });
    response.writeHead(413, { connection: 'close' }).end('too large');
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  },
);

test('a body that is too long is refused once all of it has come', async () => {
  const socket = open(`content-length: ${MAX + 2}`);
  socket.write('x'.repeat(MAX + 1));
  const { body } = await requests.promise;
  socket.write('x');
  expect(await body).toMatchObject({ type: 'refused', bytes: MAX + 2 });
  socket.destroy();
});

test('a body that is too long and does not come to its end is refused for its length', async () => {
  limits = { ...wide(), timeoutMs: 20 };
  const socket = open(`content-length: ${MAX + 2}`);
  socket.write('x'.repeat(MAX + 1));
  const { body } = await requests.promise;
  expect(await body).toMatchObject({ type: 'refused', error: { code: 'request_too_large' } });
  socket.destroy();
});

test('a client that goes on sending after a refusal is cut off', async () => {
  const socket = open('transfer-encoding: chunked');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const chunk = `400\r\n${'x'.repeat(1024)}\r\n`;
  const send = () => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', send);
  send();
  const { body } = await requests.promise;
  expect(await body).toMatchObject({ type: 'refused' });
  await closed;
});

test('a body that does not arrive in time is refused', async () => {
  limits = { ...wide(), timeoutMs: 20 };
  const socket = open('content-length: 10');
  socket.write('begin');
  const { body } = await requests.promise;
  expect(await body).toMatchObject({
    type: 'refused',
    error: { code: 'request_timeout', status: 408, headers: { connection: 'close' } },
  });
  socket.destroy();
});

test('a client that leaves in the middle of its body is told apart from a bad body', async () => {
  const socket = open('content-length: 10');
  socket.write('begin');
  const { body } = await requests.promise;
  socket.destroy();
  await expect(body).rejects.toMatchObject({ code: 'client_disconnected', outcome: 'client_disconnect' });
});

test('who ends the request from outside gets his own reason', async () => {
  const socket = open('content-length: 10');
  socket.write('begin');
  const { body, incoming } = await requests.promise;
  const reason = clientLeft();
  controller.abort(reason);
  await expect(body).rejects.toBe(reason);
  expect(incoming.listenerCount('data')).toBe(0);
  socket.destroy();
});

test('a request that was ended before is not read', async () => {
  controller.abort(clientLeft());
  const socket = open('content-length: 10');
  const { body } = await requests.promise;
  await expect(body).rejects.toMatchObject({ code: 'client_disconnected' });
  socket.destroy();
});

test('bodies that are being read share one budget, which each gives back when it is over', async () => {
  const budget = createBodyBudget(500);
  limits = { ...wide(), budget };
  expect(budget.take(450)).toBe(true);
  open('content-length: 100').write('x'.repeat(100));
  expect(await (await requests.promise).body).toMatchObject({
    type: 'refused',
    error: { code: 'queue_full', status: 503, headers: { 'retry-after': '1' } },
  });
  budget.give(450);
  requests = Promise.withResolvers();
  open('content-length: 400').write('x'.repeat(400));
  expect(await (await requests.promise).body).toMatchObject({ type: 'bytes' });
  expect(budget.take(500)).toBe(true);
});
