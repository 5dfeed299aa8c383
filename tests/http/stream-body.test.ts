import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { streamBody } from '../../src/http/stream-body.ts';
import { createFakeTimers } from '../support/fake-timers.ts';

const SILENCE_MS = 60_000;

const body = ({ maxBytes = 100, signal = new AbortController().signal } = {}) => {
  const timers = createFakeTimers();
  const request = new IncomingMessage(new Socket());
  const pieces = streamBody(request, { maxBytes, silenceMs: SILENCE_MS }, signal, timers.later);
  return { timers, request, pieces };
};

const textOf = async (pieces: AsyncIterable<Uint8Array>): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const piece of pieces) chunks.push(piece);
  return Buffer.concat(chunks).toString();
};

test('a body comes piece by piece, and no timer is left behind it', async () => {
  const { request, pieces, timers } = body();
  for (const piece of ['ab', 'cd', null]) request.push(piece);
  expect(await textOf(pieces)).toBe('abcd');
  expect(timers.pending).toBe(0);
});

test('a client that sends nothing more for too long is refused', async () => {
  const { request, pieces, timers } = body();
  request.push('ab');
  await pieces.next();
  const more = pieces.next();
  timers.advance(SILENCE_MS);
  await expect(more).rejects.toMatchObject({ code: 'request_timeout', headers: { connection: 'close' } });
});

test('nobody counts the time in which nobody reads, nor a pause that is shorter', async () => {
  const { request, pieces, timers } = body();
  request.push('a');
  await pieces.next();
  timers.advance(2 * SILENCE_MS);
  const second = pieces.next();
  timers.advance(SILENCE_MS - 1);
  request.push('b');
  expect(await second).toMatchObject({ done: false });
  const third = pieces.next();
  timers.advance(SILENCE_MS - 1);
  request.push(null);
  expect(await third).toMatchObject({ done: true });
});

test('a body that grows too long is refused', async () => {
  const { request, pieces } = body({ maxBytes: 3 });
  request.push('abcd');
  await expect(textOf(pieces)).rejects.toMatchObject({ code: 'request_too_large' });
});

test('a client that leaves ends it', async () => {
  const { request, pieces } = body();
  const more = pieces.next();
  request.destroy(new Error('reset'));
  await expect(more).rejects.toMatchObject({ code: 'client_disconnected' });
});
