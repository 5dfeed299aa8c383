import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Turns, takeTurns } from '../../src/http/turns.ts';
import { listenAnywhere, openHttpWire } from '../support/http-wire.ts';
import { createWaiters } from '../support/wait-until.ts';

type Begun = { incoming: IncomingMessage; outgoing: ServerResponse };

let server: Server;
let turns: Turns;
let port: number;
let begun: Begun[];
const waiters = createWaiters();

beforeEach(async () => {
  begun = [];
  server = createServer((incoming, outgoing) => {
    begun.push({ incoming, outgoing });
    waiters.notify();
  });
  turns = takeTurns(server);
  port = await listenAnywhere(server);
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const nth = (number: number): Promise<Begun> =>
  waiters.until(
    () => begun[number - 1],
    () => `${begun.length} begun`,
  );
const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`;
const burst = (count: number): string =>
  Array.from({ length: count }, (_, index) => get(`/${index}`)).join('');
/** Resolves once the server has read, and so parsed, all that was sent. */
const parsed = async ({ incoming }: Begun, bytes: number): Promise<void> => {
  while (incoming.socket.bytesRead < bytes) await new Promise(setImmediate);
};

test('of the requests that one packet holds, the first is begun, and the others after it, each behind the answer of the last', async () => {
  const bytes = burst(20);
  const wire = openHttpWire(port, bytes);
  const first = await nth(1);
  await parsed(first, bytes.length);
  for (let number = 1; number <= 20; number++) {
    expect(begun).toHaveLength(number);
    (await nth(number)).outgoing.end(`answer ${number};`);
    await wire.until(`answer ${number};`);
    if (number < 20) await nth(number + 1);
  }
  expect(begun.map(({ incoming }) => incoming.url)).toEqual(
    Array.from({ length: 20 }, (_, index) => `/${index}`),
  );
});

test('a connection on which more than 64 requests wait is closed, and none of them is begun', async () => {
  const wire = openHttpWire(port, burst(66));
  await wire.closed();
  expect(begun.map(({ incoming }) => incoming.url)).toEqual(['/0']);
});

test('64 may wait', async () => {
  const bytes = burst(65);
  const wire = openHttpWire(port, bytes);
  const first = await nth(1);
  await parsed(first, bytes.length);
  for (let number = 1; number <= 65; number++) (await nth(number)).outgoing.end('answer');
  await waiters.until(
    () => begun.length === 65,
    () => `${begun.length} begun`,
  );
  await wire.until('answer');
  expect(wire.socket.destroyed).toBe(false);
});

test('a connection on which more than 256 KiB of bodies wait is closed', async () => {
  const body = 'x'.repeat(32 * 1024);
  const post = `POST /big HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  await openHttpWire(port, get('/first') + post.repeat(10)).closed();
  expect(begun).toHaveLength(1);
});

test('what waits behind an answer that ends the connection is never begun', async () => {
  const wire = openHttpWire(port, burst(3));
  const { outgoing } = await nth(1);
  outgoing.setHeader('connection', 'close');
  outgoing.end('the only answer');
  expect(await wire.closed()).toContain('the only answer');
  expect(begun).toHaveLength(1);
});

test('nor what waits when the client leaves', async () => {
  const wire = openHttpWire(port, burst(3));
  const { outgoing } = await nth(1);
  const closed = new Promise((resolve) => outgoing.once('close', resolve));
  wire.socket.destroy();
  await closed;
  expect(begun).toHaveLength(1);
});

test('what is to be done behind all requests waits until the last one was begun', async () => {
  const bytes = burst(2);
  openHttpWire(port, bytes);
  const first = await nth(1);
  await parsed(first, bytes.length);
  const order: string[] = [];
  turns.whenAllBegun(first.incoming.socket, () => order.push(`after ${begun.length}`));
  expect(order).toEqual([]);
  first.outgoing.end();
  const second = await nth(2);
  expect(order).toEqual(['after 2']);
  turns.whenAllBegun(second.incoming.socket, () => order.push('at once'));
  expect(order).toEqual(['after 2', 'at once']);
});
