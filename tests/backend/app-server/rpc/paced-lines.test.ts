import { createPacedLines } from '../../../../src/backend/app-server/rpc/paced-lines.ts';
import { countingPace } from '../../../support/pace.ts';
import { createWaiters } from '../../../support/wait-until.ts';

const open = (sliceMs: number) => {
  const told: string[] = [];
  const waiters = createWaiters();
  const note = (what: string): void => {
    told.push(what);
    waiters.notify();
  };
  const { pace, turns } = countingPace(sliceMs);
  const lines = createPacedLines({
    pace,
    onLine: (line) => note(line.slice(0, 20)),
    onTooMany: (line) => note(`too many in ${line.length}`),
    onWaiting: () => note('wait'),
    onEmpty: () => note('empty'),
  });
  const emptied = () =>
    waiters.until(
      () => told.at(-1) === 'empty',
      () => told.slice(-5).join(' '),
    );
  return { lines, told, turns, emptied };
};

test('a few lines are handed on at once', () => {
  const { lines, told } = open(1_000);
  for (const line of ['a', 'b', 'c']) lines.push(line);
  expect(told).toEqual(['a', 'b', 'c']);
  expect(lines.waitingChars).toBe(0);
});

test('thousands of lines are handed on over many turns, in order, and the source waits meanwhile', async () => {
  const { lines, told, turns, emptied } = open(10);
  const sent = Array.from({ length: 10_000 }, (_, at) => String(at));
  for (const line of sent) lines.push(line);
  expect(told).toContain('wait');
  expect(told.length).toBeLessThan(100);
  await emptied();
  expect(told.filter((what) => /^\d/.test(what))).toEqual(sent);
  expect(told.filter((what) => what === 'wait')).toHaveLength(1);
  expect(turns()).toBeGreaterThan(900);
  expect(lines.waitingChars).toBe(0);
});

test('a long line gets a turn of its own, and lines behind it stay behind it', async () => {
  const { lines, told, emptied } = open(1_000);
  lines.push('x'.repeat(300_000));
  lines.push('behind');
  expect(told).toEqual(['wait']);
  await emptied();
  expect(told).toEqual(['wait', 'x'.repeat(20), 'behind', 'empty']);
});

test('a long line with more values than can be parsed in one step is not parsed', async () => {
  const { lines, told, emptied } = open(1_000);
  lines.push(`[${'{},'.repeat(200_000)}0]`);
  await emptied();
  expect(told).toEqual(['wait', 'too many in 600003', 'empty']);
});
