import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRelayIo } from '../../src/backend/relay-io.ts';
import { sendRelay } from '../../src/egress/send-relay.ts';
import { GatewayError } from '../../src/errors.ts';
import type { Exchange, RelayAnswer, Settlement } from '../../src/gateway/ports.ts';
import { createNodeClient } from '../../src/http/node-client.ts';
import { UPSTREAM_CASES } from '../fixtures/upstream/index.ts';
import { chunk, DONE, events } from '../fixtures/upstream/upstream-case.ts';
import { clientLeft, createFakeExchange } from '../support/fake-exchange.ts';
import { type Loopback, listenOnLoopback } from '../support/loopback.ts';
import { noPace } from '../support/pace.ts';
import { answerOfCase, aRelayAnswer, reads } from '../support/relay-answers.ts';

let server: Loopback;
let answer: RelayAnswer;
let settled: PromiseWithResolvers<Settlement>;

const serve = (request: IncomingMessage, response: ServerResponse): void => {
  const controller = new AbortController();
  response.once('close', () => response.writableFinished || controller.abort(clientLeft()));
  const { signal } = controller;
  const client = createNodeClient(response, request.method ?? '', {
    signal,
    stallMs: 60_000,
    stalled: (error) => controller.abort(error),
    pace: noPace,
  });
  const exchange: Exchange = { ...createFakeExchange(), client, signal };
  sendRelay(exchange, answer, createRelayIo({ pace: noPace })(exchange, answer)).then(
    settled.resolve,
    settled.reject,
  );
};

beforeAll(async () => {
  server = await listenOnLoopback(serve);
});
afterAll(() => server.close());

const ask = (given: RelayAnswer, init: RequestInit = {}): Promise<Response> => {
  answer = given;
  settled = Promise.withResolvers();
  return fetch(server.url, init);
};

const sha256 = (...pieces: readonly Uint8Array[]): string =>
  pieces.reduce((hash, piece) => hash.update(piece), createHash('sha256')).digest('hex');

test('every answer of the corpus that is no error reaches its client byte for byte', async () => {
  for (const entry of UPSTREAM_CASES.filter(({ status }) => status < 400)) {
    const response = await ask(answerOfCase(entry));
    const received = sha256(new Uint8Array(await response.arrayBuffer()));
    expect([entry.name, received]).toEqual([entry.name, sha256(...entry.chunks)]);
    await settled.promise;
  }
});

test('a stream of 50 MB reaches a slow client byte for byte, and waits for it', async () => {
  const piece = Buffer.from(events(chunk({ content: 'ü'.repeat(30_000) })));
  const rounds = Math.ceil((50 * 1024 * 1024) / piece.length);
  const sent = createHash('sha256');
  const received = createHash('sha256');
  let ahead = 0;
  let most = 0;
  async function* source(): AsyncGenerator<Uint8Array> {
    for (let round = 0; round < rounds; round++) {
      // Cut in the middle of a character.
      for (const part of [piece.subarray(0, 1_001), piece.subarray(1_001)]) {
        sent.update(part);
        ahead += part.length;
        most = Math.max(most, ahead);
        yield part;
      }
    }
    const end = Buffer.from(events(DONE));
    sent.update(end);
    yield end;
  }
  const response = await ask(aRelayAnswer({ type: 'text/event-stream', answer: { bytes: source() } }));
  for await (const bytes of response.body ?? []) {
    received.update(bytes);
    ahead -= bytes.length;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(received.digest('hex')).toBe(sent.digest('hex'));
  // What the kernel holds of a connection on loopback is a few MiB.
  expect(most).toBeLessThan(16 * 1024 * 1024);
  expect(await settled.promise).toMatchObject({ outcome: 'completed' });
});

test('an answer that breaks off in the middle of an event does not look whole', async () => {
  const broken = new GatewayError('backend_error', 'The backend broke off.');
  const response = await ask(
    aRelayAnswer({ type: 'text/event-stream', answer: { bytes: reads('data: a\n\n', 'data: {"b', broken) } }),
  );
  await expect(response.text()).rejects.toThrow();
  expect(await settled.promise).toMatchObject({ outcome: 'backend_error', status: 200 });
});

test('a client that leaves with the last frame in hand has all of the answer', async () => {
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  async function* untilItLeaves(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(events(chunk({ content: 'Hi' }), chunk({}, 'stop'), DONE));
    await left;
    throw clientLeft();
  }
  const controller = new AbortController();
  const response = await ask(
    aRelayAnswer({ type: 'text/event-stream', answer: { bytes: untilItLeaves() } }),
    { signal: controller.signal },
  );
  for await (const bytes of response.body ?? []) if (Buffer.from(bytes).includes('[DONE]')) break;
  controller.abort();
  leave();
  expect(await settled.promise).toMatchObject({ outcome: 'completed', status: 200 });
});

test('a whole answer has the length of what is sent', async () => {
  const response = await ask(
    aRelayAnswer({ answer: { status: 500, bytes: reads('{"error":{"message":"ü"}}') } }),
  );
  const body = await response.text();
  expect(response.headers.get('content-length')).toBe(String(Buffer.byteLength(body)));
  expect(response.status).toBe(500);
});
