import type { Server } from 'node:http';
import { Hono } from 'hono';
import type { Exchanges } from '../../src/http/exchanges.ts';
import { createPacer } from '../../src/http/pacer.ts';
import { answerParserErrors } from '../../src/http/parser-errors.ts';
import { createHttpServer } from '../../src/http/server.ts';
import { listenAnywhere, openHttpWire } from '../support/http-wire.ts';

/** A server whose heads are late soon, and the requests that it has opened records for. */
const startImpatient = async () => {
  const { server, turns } = createHttpServer(new Hono(), () => Promise.resolve());
  server.headersTimeout = 20;
  let recorded = 0;
  const exchanges = {
    onSocket: () => undefined,
    run: () => {
      recorded++;
      return Promise.resolve();
    },
  } as unknown as Exchanges;
  const openTrace = () => {
    throw new Error('the fake opens none');
  };
  answerParserErrors(server, { exchanges, turns, newReqId: () => 'req_1', openTrace });
  return { server, port: await listenAnywhere(server), recorded: () => recorded };
};

const end = (server: Server): void => {
  server.closeAllConnections();
  server.close();
};

test('a connection that never sends a byte is closed, and is no request', async () => {
  const { server, port, recorded } = await startImpatient();
  const wires = Array.from({ length: 20 }, () => openHttpWire(port));
  expect(await Promise.all(wires.map((wire) => wire.closed()))).toEqual(Array(20).fill(''));
  expect(recorded()).toBe(0);
  end(server);
});

test('one that has begun a head is, each', async () => {
  const { server, port, recorded } = await startImpatient();
  const wires = Array.from({ length: 20 }, () => openHttpWire(port, 'GET / HT'));
  await Promise.all(wires.map((wire) => wire.closed()));
  expect(recorded()).toBe(20);
  end(server);
});

test('tasks that fall due at once are spread over turns of the event loop, in their order', async () => {
  const pace = createPacer(2);
  const done: number[] = [];
  for (let task = 1; task <= 5; task++) pace(() => done.push(task));
  const seen: number[] = [];
  for (let turn = 0; turn < 4; turn++) {
    seen.push(done.length);
    await new Promise(setImmediate);
  }
  expect(seen).toEqual([0, 2, 4, 5]);
  expect(done).toEqual([1, 2, 3, 4, 5]);
  pace(() => done.push(6));
  await new Promise(setImmediate);
  expect(done).toHaveLength(6);
});
