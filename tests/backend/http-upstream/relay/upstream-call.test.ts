import {
  type Connections,
  createConnections,
} from '../../../../src/backend/http-upstream/relay/connections.ts';
import {
  startCall,
  type UpstreamCall,
  type UpstreamFailure,
  type UpstreamHead,
} from '../../../../src/backend/http-upstream/relay/upstream-call.ts';
import { GatewayError } from '../../../../src/errors.ts';
import type { RelayBody } from '../../../../src/gateway/relay.ts';
import { createFakeTimers } from '../../../support/fake-timers.ts';
import { closedOrigin, startHttpServer, startRawServer } from '../../../support/http-server.ts';

const TIMEOUTS = { connectMs: 5_000, firstByteMs: 30_000, idleMs: 10_000 };
const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

const opened: { close?(): Promise<void>; destroy?(): Promise<void> }[] = [];
const keep = <T extends { close?(): Promise<void>; destroy?(): Promise<void> }>(thing: T): T => {
  opened.push(thing);
  return thing;
};
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await (thing.destroy ?? thing.close)?.call(thing);
});

const caller = (origin: string) => {
  const timers = createFakeTimers();
  const connections: Connections = keep(createConnections(origin, TIMEOUTS.connectMs));
  let ns = 0n;
  const deps = { backend: 'next', connections, timeouts: TIMEOUTS, timers, now: () => ++ns };
  return {
    timers,
    connections,
    call: (
      body: RelayBody = { type: 'none' },
      { signal = new AbortController().signal, fresh = false, method = 'POST' } = {},
    ): UpstreamCall =>
      startCall(deps, { method, path: '/v1/x?y=1', headers: { accept: 'a' }, body }, { signal, fresh }),
  };
};

const textOf = async (bytes: AsyncIterable<Uint8Array>): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
};
const headOf = async (call: UpstreamCall): Promise<UpstreamHead> => {
  const head = await call.head;
  if (head.type === 'failed') throw head.error;
  return head;
};
const failureOf = async (call: UpstreamCall): Promise<UpstreamFailure> => {
  const head = await call.head;
  if (head.type === 'head') throw new Error(`it answered ${head.status}`);
  return head;
};
const thrownBy = (bytes: AsyncIterable<Uint8Array>): Promise<GatewayError> =>
  textOf(bytes).then(
    () => Promise.reject(new Error('it did not break off')),
    (error: GatewayError) => error,
  );
const bytesBody = (text: string): RelayBody => ({ type: 'bytes', bytes: Buffer.from(text) });
async function* chunksOf(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

test('a request goes out as it is, and its answer comes back', async () => {
  const server = keep(
    await startHttpServer((response) => response.writeHead(201, { 'x-a': 'b' }).end('answer')),
  );
  const call = caller(server.origin).call(bytesBody('{"a":1}'));
  const head = await headOf(call);
  expect(head).toMatchObject({ status: 201, headers: { 'x-a': 'b' } });
  expect(await textOf(head.bytes)).toBe('answer');
  expect(server.requests).toMatchObject([
    { method: 'POST', url: '/v1/x?y=1', body: '{"a":1}', headers: { accept: 'a', 'content-length': '7' } },
  ]);
  expect(call.sentNs).toBeGreaterThan(call.startedNs);
  expect(call.connectMs).toBeGreaterThan(0);
});

test('a large body and a stream arrive whole, and with their length where it is known', async () => {
  const server = keep(await startHttpServer((response) => response.end('ok')));
  const { call } = caller(server.origin);
  const large = 'x'.repeat(300_000);
  await textOf((await headOf(call(bytesBody(large)))).bytes);
  await textOf((await headOf(call({ type: 'stream', size: 6, chunks: chunksOf('abc', 'def') }))).bytes);
  await textOf((await headOf(call({ type: 'stream', size: null, chunks: chunksOf('abc', 'def') }))).bytes);
  expect(server.requests.map(({ body }) => body)).toEqual([large, 'abcdef', 'abcdef']);
  expect(server.requests.map(({ headers }) => headers['content-length'])).toEqual(['300000', '6', undefined]);
});

test('a connection is used again, and its next request did not wait for it', async () => {
  const server = keep(await startHttpServer((response) => response.end('ok')));
  const { call } = caller(server.origin);
  await textOf((await headOf(call())).bytes);
  await new Promise(setImmediate);
  const second = call();
  await textOf((await headOf(second)).bytes);
  expect(server.requests.map(({ connection }) => connection)).toEqual([1, 1]);
  expect(second.connectMs).toBe(0);
});

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

test('a sender is held back while nobody reads, and its silence then does not count', async () => {
  const total = 64 * 1024 * 1024;
  let written = 0;
  const server = keep(
    await startHttpServer((response) => {
      const piece = Buffer.alloc(64 * 1024);
      const write = (): void => {
        while (written < total) {
          written += piece.length;
          if (!response.write(piece)) return void response.once('drain', write);
        }
        response.end();
      };
      write();
    }),
  );
  const { call, timers } = caller(server.origin);
  const { bytes } = await headOf(call());
  const reader = bytes[Symbol.asyncIterator]();
  let read = (await reader.next()).value?.byteLength ?? 0;
  let before = -1;
  while (before !== written) {
    before = written;
    for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
  }
  expect(written).toBeLessThan(total / 2);
  timers.advance(TIMEOUTS.idleMs * 2);
  for (let next = await reader.next(); !next.done; next = await reader.next()) read += next.value.byteLength;
  expect(read).toBe(total);
});

test('a signal ends a call that waits for its answer, and one that has begun', async () => {
  const reason = new GatewayError('client_disconnected', 'It left.');
  const server = keep(
    await startHttpServer((response, { body }) => void (body === 'head' && response.write('a'))),
  );
  const { call } = caller(server.origin);
  const first = new AbortController();
  const waiting = call(bytesBody('none'), { signal: first.signal });
  await server.until(() => server.requests.length === 1, 'the request');
  first.abort(reason);
  expect((await failureOf(waiting)).error).toBe(reason);

  const second = new AbortController();
  const { bytes } = await headOf(call(bytesBody('head'), { signal: second.signal }));
  second.abort(reason);
  expect(await thrownBy(bytes)).toBe(reason);
  await server.until(() => server.open.size === 0, 'the end of the connections');
});

test('a signal ends a call that still connects, and nothing is sent for it', async () => {
  const server = keep(await startHttpServer((response) => response.end('ok')));
  const controller = new AbortController();
  const { call, connections } = caller(server.origin);
  const connecting = call(bytesBody('x'), { signal: controller.signal });
  controller.abort(new GatewayError('client_disconnected', 'It left.'));
  expect(await failureOf(connecting)).toMatchObject({
    again: 'never',
    error: { code: 'client_disconnected' },
  });
  await connections.close();
  expect(server.requests).toEqual([]);
  expect((await failureOf(call(bytesBody('x'), { signal: controller.signal }))).error.code).toBe(
    'client_disconnected',
  );
});

test('leaving the bytes early cuts the connection', async () => {
  const server = keep(await startHttpServer((response) => response.write('a')));
  const { bytes } = await headOf(caller(server.origin).call());
  for await (const _ of bytes) break;
  await server.until(() => server.open.size === 0, 'the end of the connection');
});

test('a stream whose sender is silent is let go when the call ends', async () => {
  const server = keep(await startRawServer(() => undefined));
  const asked = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const silent: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next() {
        asked.resolve();
        return new Promise(() => undefined);
      },
      return() {
        left.resolve();
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
  const call = caller(server.origin).call({ type: 'stream', size: null, chunks: silent });
  await asked.promise;
  call.cut(new GatewayError('client_disconnected', 'It left.'));
  await left.promise;
  expect(call.isSpent()).toBe(true);
});

test('an early answer comes through although the body was not read', async () => {
  const server = keep(
    await startRawServer((socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 413 No\r\ncontent-length: 3\r\n\r\nbig')),
    ),
  );
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) yield Buffer.alloc(64 * 1024);
  }
  const { status, bytes } = await headOf(
    caller(server.origin).call({ type: 'stream', size: null, chunks: endless() }),
  );
  expect([status, await textOf(bytes)]).toEqual([413, 'big']);
});

test('the error of a stream that is sent is the error of its call', async () => {
  const server = keep(await startRawServer(() => undefined));
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('a');
    throw new GatewayError('request_timeout', 'Too slow.');
  }
  const call = caller(server.origin).call({ type: 'stream', size: null, chunks: broken() });
  expect(await failureOf(call)).toMatchObject({ again: 'never', error: { code: 'request_timeout' } });
  expect(call.isSpent()).toBe(true);
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
