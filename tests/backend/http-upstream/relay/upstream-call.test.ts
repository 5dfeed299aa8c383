import { GatewayError } from '../../../../src/errors.ts';
import { closeAfterEach } from '../../../support/close-after-each.ts';
import { startHttpServer, startRawServer } from '../../../support/http-server.ts';
import {
  bytesBody,
  createCaller,
  failureOf,
  headOf,
  TIMEOUTS,
  textOf,
  thrownBy,
} from '../../../support/upstream-call.ts';

const keep = closeAfterEach();
const caller = (origin: string) => keep(createCaller(origin));

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

test('heads that come before the answer are passed over', async () => {
  const server = keep(
    await startHttpServer((response) => {
      response.writeEarlyHints({ link: '</a>; rel=preload' });
      response.writeHead(204).end();
    }),
  );
  const { status, bytes } = await headOf(caller(server.origin).call());
  expect([status, await textOf(bytes)]).toEqual([204, '']);
});

test('a HEAD has a length and no body', async () => {
  const server = keep(
    await startHttpServer((response) => response.writeHead(200, { 'content-length': '9' }).end()),
  );
  const { headers, bytes } = await headOf(caller(server.origin).call({ type: 'none' }, { method: 'HEAD' }));
  expect([headers['content-length'], await textOf(bytes)]).toEqual(['9', '']);
});
