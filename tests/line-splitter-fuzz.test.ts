import { createTurnRouter } from '../src/backend/app-server/turn/turn-router.ts';
import { createLineSplitter, ofTexts } from '../src/line-splitter.ts';
import { createFakeConnection } from './support/fake-connection.ts';
import { createFakeSpan } from './support/fake-span.ts';
import { liveHeapBytes } from './support/live-heap.ts';
import { mutate } from './support/mutate.ts';
import { createRandom } from './support/random.ts';

const MAX_LINE_BYTES = 512;
const MIB = 1024 * 1024;

/** What an app-server really says: the inputs are these, damaged. */
const SAID = [
  { id: 1, result: { thread: { id: 'th' }, model: 'mock' } },
  { id: 'a-1', error: { code: -32600, message: 'no', data: null } },
  { id: 0, method: 'item/tool/call', params: { threadId: 'th', turnId: 't', arguments: { a: [1, -2.5e3] } } },
  { method: 'turn/started', params: { threadId: 'th', turn: { id: 't', items: [], status: 'inProgress' } } },
  {
    method: 'item/agentMessage/delta',
    params: { threadId: 'th', turnId: 't', itemId: 'm', delta: 'naïve 😀 \u0000 \\u' },
  },
  {
    method: 'item/completed',
    params: { threadId: 'th', turnId: 't', item: { id: 'm', type: 'agentMessage' } },
  },
  {
    method: 'thread/tokenUsage/updated',
    params: { threadId: 'th', tokenUsage: { total: { totalTokens: 1 } } },
  },
].map((message) => Buffer.from(`${JSON.stringify(message)}\n`));

const ROUNDS = Number(process.env['FUZZ_ROUNDS'] ?? 200_000);

test(`${ROUNDS} damaged inputs crash nothing, hang nothing and fill no memory`, () => {
  const random = createRandom(20_261_121);
  const connection = createFakeConnection();
  const turns = createTurnRouter();
  const reached = { lines: 0, overlong: 0, dispatched: 0 };
  const reader = createLineSplitter({
    maxBytes: MAX_LINE_BYTES,
    onLine: ofTexts((line) => {
      reached.lines++;
      connection.rpc.receive(line);
    }),
    onTooLong: () => void reached.overlong++,
  });
  const forget = (): void => {
    for (const kept of [connection.garbage, connection.requests, connection.sent]) kept.length = 0;
    for (const { method, params } of connection.notifications.splice(0) as {
      method: string;
      params: unknown;
    }[]) {
      if (turns.dispatch(method, params)) reached.dispatched++;
    }
    for (const route of turns.active) turns.retire(route);
    turns.add('th', createFakeSpan(), () => undefined);
  };
  let held = 0;
  let baseline = 0;
  for (let round = 0; round < ROUNDS; round++) {
    reader.push(mutate(random, random.pick(SAID as [Buffer, ...Buffer[]])));
    held = Math.max(held, reader.pendingBytes);
    if (round % 1000 === 0) forget();
    if (round === ROUNDS / 10) baseline = liveHeapBytes();
  }
  expect(held).toBeLessThanOrEqual(MAX_LINE_BYTES);
  expect(reached.lines).toBeGreaterThan(ROUNDS / 4);
  expect(reached.overlong).toBeGreaterThan(0);
  expect(reached.dispatched).toBeGreaterThan(0);
  forget();
  expect(liveHeapBytes() - baseline).toBeLessThan(8 * MIB);
  reader.push(Buffer.from('\n'));
  const before = connection.notifications.length;
  reader.push(SAID[3] as Buffer);
  expect(connection.notifications.length).toBe(before + 1);
});
