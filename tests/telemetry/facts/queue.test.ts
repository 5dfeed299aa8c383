import { type Fact, OP } from '../../../src/telemetry/facts/ops.ts';
import { FactQueue } from '../../../src/telemetry/facts/queue.ts';
import { createFakeTimers } from '../../support/fake-timers.ts';

const open = (maxChars?: number) => {
  const batches: (readonly Fact[])[] = [];
  const log: Record<string, unknown>[] = [];
  const say = (fields: Readonly<Record<string, unknown>>, msg: string) => void log.push({ ...fields, msg });
  const timers = createFakeTimers();
  const queue = new FactQueue({
    post: (facts) => void batches.push(facts),
    timers,
    log: { error: say, warn: say, info: say, debug: say },
    ...(maxChars !== undefined && { maxChars }),
  });
  return { queue, batches, log, timers };
};

test('facts are handed over together, 20 ms behind the first of them', () => {
  const { queue, batches, timers } = open();
  queue.add(1, OP.forget, 1);
  timers.advance(19);
  queue.add(1, OP.forget, 2);
  expect(batches).toEqual([]);
  timers.advance(1);
  expect(batches).toEqual([[OP.forget, 1, OP.forget, 2]]);
  timers.advance(1_000);
  expect(batches).toHaveLength(1);
});

test('many facts are handed over before', () => {
  const { queue, batches } = open();
  for (let fact = 0; fact < 5; fact++) queue.add(50_000, OP.forget, fact);
  expect(batches).toHaveLength(1);
});

test('while much is on its way requests are asked to wait, 100 ms each in all', async () => {
  const { queue, timers } = open();
  const patience = { waitedMs: 0 };
  expect(queue.room(patience)).toBeNull();
  for (let fact = 0; fact < 12; fact++) queue.add(300_000, OP.forget, fact);
  const first = queue.room(patience);
  timers.advance(60);
  for (let batch = 0; batch < 12; batch++) queue.handled();
  await first;
  expect(patience.waitedMs).toBe(60);
  for (let fact = 0; fact < 12; fact++) queue.add(300_000, OP.forget, fact);
  const second = queue.room(patience);
  timers.advance(40);
  await second;
  expect(patience.waitedMs).toBe(100);
  expect(queue.room(patience)).toBeNull();
});

test('beyond the bound facts are lost one by one, the essential ones last, and told when there is room again', () => {
  const { queue, batches, log } = open(1_000);
  queue.add(1_000, OP.forget, 1);
  expect([queue.admits(false, false), queue.admits(false, true), queue.admits(false, false)]).toEqual([
    false,
    false,
    false,
  ]);
  expect(queue.admits(true, false)).toBe(true);
  expect(log).toEqual([expect.objectContaining({ lost: 1, msg: expect.stringContaining('cannot keep up') })]);
  queue.flush();
  queue.handled();
  queue.flush();
  expect(batches.at(-1)).toEqual([OP.lost, false, 2, OP.lost, true, 1]);
  expect(log.at(-1)).toEqual({ lost: 3, msg: 'telemetry keeps up again' });
  expect(queue.admits(false, false)).toBe(true);
});
