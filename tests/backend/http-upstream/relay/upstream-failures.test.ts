import { GatewayError } from '../../../../src/errors.ts';
import { closeAfterEach } from '../../../support/close-after-each.ts';
import { closedOrigin, startHttpServer, startRawServer } from '../../../support/http-server.ts';
import {
  bytesBody,
  createCaller,
  failureOf,
  headOf,
  TIMEOUTS,
  textOf,
  thrownBy,
} from '../../../support/upstream-call.ts';

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
const keep = closeAfterEach();
const caller = (origin: string) => keep(createCaller(origin));

test('a refused connection may be tried again later', async () => {
  const { error, again } = await failureOf(caller(await closedOrigin()).call());
  expect({ code: error.code, message: error.message, again }).toEqual({
    code: 'backend_unreachable',
    message: 'The backend "next" cannot be reached (ECONNREFUSED).',
    again: 'later',
  });
});

test('a name that nobody knows, and a server without TLS, cannot be reached', async () => {
  const unknown = await failureOf(caller('http://no-such-host.invalid').call());
  expect(unknown.error.code).toBe('backend_unreachable');
  const server = keep(await startHttpServer((response) => response.end()));
  const plain = await failureOf(caller(server.origin.replace('http:', 'https:')).call());
  expect(plain).toMatchObject({ again: 'later', error: { code: 'backend_unreachable' } });
  expect(plain.error.message).not.toContain('127.0.0.1');
});

test('a reset on a connection that had served a request is safe to send again on a new one', async () => {
  const server = keep(
    await startRawServer((socket, count) => {
      let requests = 0;
      socket.on('data', () => {
        if (++requests === 1) socket.write(OK);
        else if (count === 1) socket.destroy();
      });
    }),
  );
  const { call } = caller(server.origin);
  await textOf((await headOf(call())).bytes);
  await new Promise(setImmediate);
  expect(await failureOf(call())).toMatchObject({ again: 'fresh', error: { code: 'backend_error' } });
  expect(await textOf((await headOf(call({ type: 'none' }, { fresh: true }))).bytes)).toBe('ok');
});

test('a reset on a new connection, or behind the first byte of a head, is not', async () => {
  const server = keep(
    await startRawServer((socket) => {
      let requests = 0;
      socket.on('data', (data) => {
        if (data.toString().includes('content-length: 1')) socket.destroy();
        else if (++requests === 1) socket.write(OK);
        else socket.end('HTTP/1.1 200');
      });
    }),
  );
  const { call } = caller(server.origin);
  const onNew = await failureOf(call(bytesBody('x')));
  expect(onNew).toMatchObject({ again: 'never', error: { code: 'backend_error' } });
  expect(onNew.error.message).toBe('The backend "next" closed the connection before it answered.');
  await textOf((await headOf(call())).bytes);
  await new Promise(setImmediate);
  expect(await failureOf(call())).toMatchObject({ again: 'never' });
});

test('an answer that breaks off throws where it broke', async () => {
  const server = keep(
    await startRawServer((socket) =>
      socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf')),
    ),
  );
  const { bytes } = await headOf(caller(server.origin).call());
  const error = await thrownBy(bytes);
  expect(error).toBeInstanceOf(GatewayError);
  expect(error.message).toBe('The backend "next" closed the connection in the middle of its answer.');
});

test('what had come before an answer broke off is read first, however late', async () => {
  const server = keep(
    await startRawServer((socket) =>
      socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf')),
    ),
  );
  const { bytes } = await headOf(caller(server.origin).call());
  await server.until(() => server.open.size === 0, 'the end of the connection');
  await new Promise(setImmediate);
  const reader = bytes[Symbol.asyncIterator]();
  expect(Buffer.from((await reader.next()).value ?? []).toString()).toBe('half');
  await expect(reader.next()).rejects.toMatchObject({ code: 'backend_error' });
});

test('what is no HTTP is an error of the backend', async () => {
  const server = keep(
    await startRawServer((socket) => socket.on('data', () => socket.write('SSH-2.0\r\n\r\n'))),
  );
  expect(await failureOf(caller(server.origin).call())).toMatchObject({
    again: 'never',
    error: { code: 'backend_error' },
  });
});

test('a server that takes no connection is given up after its time', async () => {
  // 192.0.2.0/24 is for documentation: nobody answers there, or the network refuses at once.
  const { call, timers } = caller('http://192.0.2.1:9');
  const waiting = call();
  timers.advance(TIMEOUTS.connectMs);
  const { error, again } = await failureOf(waiting);
  expect({ code: error.code, again }).toEqual({ code: 'backend_connect_timeout', again: 'later' });
  expect(timers.pending).toBe(0);
});

test('a model that does not begin in time is given up, and its connection cut', async () => {
  const server = keep(await startHttpServer(() => undefined));
  const { call, timers } = caller(server.origin);
  const waiting = call(bytesBody('x'));
  await server.until(() => server.requests.length === 1, 'the request');
  timers.advance(TIMEOUTS.firstByteMs);
  expect(await failureOf(waiting)).toMatchObject({
    again: 'never',
    error: { code: 'backend_first_byte_timeout' },
  });
  await server.until(() => server.open.size === 0, 'the end of the connection');
});

test('a server that takes no more of what a client sends is given up', async () => {
  const server = keep(await startRawServer((socket) => socket.pause()));
  const { call, timers } = caller(server.origin);
  const given = Promise.withResolvers<void>();
  /** More than the sockets take. */
  const much = Buffer.alloc(64 * 1024 * 1024);
  async function* upload(): AsyncGenerator<Uint8Array> {
    given.resolve();
    yield much;
    throw new Error('nobody asks for more');
  }
  const waiting = call({ type: 'stream', size: null, chunks: upload() });
  await given.promise;
  await new Promise(setImmediate);
  timers.advance(TIMEOUTS.idleMs);
  expect(await failureOf(waiting)).toMatchObject({ again: 'never', error: { code: 'backend_idle_timeout' } });
  for (const socket of server.open) socket.resume();
  await server.until(() => server.open.size === 0, 'the end of the connection');
});

test('a client that sends nothing on for a while is no silence of the server', async () => {
  const server = keep(
    await startHttpServer((response, request) => {
      response.end(request.body);
    }),
  );
  const { call, timers } = caller(server.origin);
  const asked = Promise.withResolvers<void>();
  const more = Promise.withResolvers<void>();
  async function* slow(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('a');
    asked.resolve();
    await more.promise;
    yield Buffer.from('b');
  }
  const waiting = call({ type: 'stream', size: null, chunks: slow() });
  await asked.promise;
  timers.advance(3 * TIMEOUTS.idleMs);
  more.resolve();
  expect(await textOf((await headOf(waiting)).bytes)).toBe('ab');
});

test('a silence between two pieces ends the answer; one that is shorter does not', async () => {
  let more: (text: string) => void = () => undefined;
  const server = keep(
    await startHttpServer((response) => {
      more = (text) => void response.write(text);
      more('a');
    }),
  );
  const { call, timers } = caller(server.origin);
  const { bytes } = await headOf(call());
  const reader = bytes[Symbol.asyncIterator]();
  await reader.next();
  timers.advance(TIMEOUTS.idleMs - 1);
  more('b');
  await reader.next();
  timers.advance(TIMEOUTS.idleMs - 1);
  more('c');
  await reader.next();
  timers.advance(TIMEOUTS.idleMs);
  await expect(reader.next()).rejects.toMatchObject({ code: 'backend_idle_timeout' });
  await server.until(() => server.open.size === 0, 'the end of the connection');
});

test('a call of a gateway that ends is told so', async () => {
  const server = keep(await startHttpServer(() => undefined));
  const { call, connections } = caller(server.origin);
  const running = call();
  await server.until(() => server.requests.length === 1, 'the request');
  await connections.destroy();
  expect(await failureOf(running)).toMatchObject({ again: 'never', error: { code: 'shutting_down' } });
  expect((await failureOf(call())).error.code).toBe('shutting_down');
});

test.each(['hello\r\n\r\n', 'HTTP/1.1 200 OK\r\nx-a: a\u0000b\r\n\r\n', 'HTTP/1.1 099 No\r\n\r\n'])(
  'an answer that is no HTTP, such as %j, is told as that',
  async (answer) => {
    const server = keep(await startRawServer((socket) => socket.on('data', () => socket.write(answer))));
    const { error, again } = await failureOf(caller(server.origin).call());
    expect([error.message, again]).toEqual([
      expect.stringMatching(/^The backend "next" did not answer in HTTP \(\w+\)\.$/),
      'never',
    ]);
  },
);
