import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createUpcomingBody } from '../../src/http/upcoming-body.ts';
import { createFakeTimers, type FakeTimers } from '../support/fake-timers.ts';
import { listenAnywhere, openHttpWire } from '../support/http-wire.ts';
import { createWaiters } from '../support/wait-until.ts';

const KIB = 1024;

let server: Server;
let port: number;
let timers: FakeTimers;
let seen: { incoming: IncomingMessage; outgoing: ServerResponse }[];
const waiters = createWaiters();

/** Leaves each body unread, and answers. */
beforeEach(async () => {
  timers = createFakeTimers();
  seen = [];
  server = createServer((incoming, outgoing) => {
    const body = createUpcomingBody(incoming, outgoing, timers.later);
    body.leave();
    outgoing.end(`answer, ${body.declaredBytes}, ${body.state}.`);
    seen.push({ incoming, outgoing });
    incoming.on('data', () => waiters.notify());
    outgoing.on('close', () => waiters.notify());
  });
  port = await listenAnywhere(server);
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const head = (headers: string): string => `POST / HTTP/1.1\r\nhost: x\r\n${headers}\r\n\r\n`;

test('an answer to a large body ends the connection, in order once the client has ended its side', async () => {
  const wire = openHttpWire(port, head(`content-length: ${100 * KIB}`));
  await wire.until(`answer, ${100 * KIB}, unread.`);
  expect(wire.got()).toMatch(/^connection: close\r$/im);
  wire.socket.write('x'.repeat(100 * KIB));
  await wire.closed();
  expect(wire.socket.errored).toBeNull();
  expect(timers.pending).toBe(0);
});

test('a client that does not send the rest is cut off after a while', async () => {
  const wire = openHttpWire(port, head(`content-length: ${100 * KIB}`));
  await wire.until('answer');
  await waiters.until(
    () => timers.pending === 1,
    () => 'no timer',
  );
  expect(seen[0]?.incoming.socket.destroyed).toBe(false);
  timers.advance(2_000);
  expect(seen[0]?.incoming.socket.destroyed).toBe(true);
  await wire.closed();
});

test('so is one that sends a small body slowly, whose connection could go on', async () => {
  const wire = openHttpWire(port, `${head('content-length: 100')}x`);
  await wire.until('answer');
  expect(wire.got()).not.toMatch(/^connection: close/im);
  await waiters.until(
    () => timers.pending === 1,
    () => 'no timer',
  );
  timers.advance(2_000);
  await wire.closed();
});

test('no more than some hundred kilobytes are taken off the wire', async () => {
  const wire = openHttpWire(port, head('transfer-encoding: chunked'));
  await wire.until('answer, null');
  const chunk = `10000\r\n${'x'.repeat(64 * KIB)}\r\n`;
  for (let count = 0; count < 64; count++) wire.socket.write(chunk);
  const { incoming } = seen[0] ?? {};
  await waiters.until(
    () => incoming?.isPaused(),
    () => 'still reading',
  );
  const taken = incoming?.socket.bytesRead ?? 0;
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  expect(incoming?.socket.bytesRead).toBeLessThanOrEqual(taken + 128 * KIB);
  expect(taken).toBeLessThan(600 * KIB);
});

test('a request without a body keeps its connection, and needs no timer', async () => {
  const wire = openHttpWire(port, head('content-length: 0').repeat(2));
  await waiters.until(
    () => seen.length === 2 && seen.every(({ outgoing }) => outgoing.writableFinished),
    () => `${seen.length} seen`,
  );
  expect(timers.pending).toBe(0);
  expect(wire.socket.destroyed).toBe(false);
});

test('what is left of a body that was read in part does not take the answer away', async () => {
  server.removeAllListeners('request');
  server.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const body = createUpcomingBody(incoming, outgoing, timers.later);
    body.leaveRest();
    incoming.once('data', () => {
      incoming.pause();
      outgoing.end('answer');
      seen.push({ incoming, outgoing });
    });
  });
  const wire = openHttpWire(port, head(`connection: close\r\ncontent-length: ${1024 * KIB}`));
  wire.socket.write('x'.repeat(512 * KIB));
  await wire.until('answer');
  await waiters.until(
    () => timers.pending === 1,
    () => 'no timer',
  );
  expect(seen[0]?.incoming.socket.destroyed).toBe(false);
  wire.socket.write('x'.repeat(100 * KIB));
  timers.advance(2_000);
  expect(seen[0]?.incoming.socket.destroyed).toBe(true);
  await wire.closed();
});
