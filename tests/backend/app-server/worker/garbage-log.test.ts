import { createGarbageLog } from '../../../../src/backend/app-server/worker/garbage-log.ts';

const open = () => {
  const clock = { ms: 0 };
  const told: Record<string, unknown>[] = [];
  const log = createGarbageLog(
    (payload) => void told.push(payload as Record<string, unknown>),
    () => clock.ms,
  );
  return { clock, told, ...log };
};
const line = { message: 'unreadable', bytes: 10 };

test('the first lines are told one by one, the others as a sum at the end', () => {
  const { told, note, flush } = open();
  for (let i = 0; i < 200_000; i++) note(line);
  expect(told).toHaveLength(50);
  flush();
  flush();
  expect(told.slice(50)).toEqual([
    { message: 'more unreadable lines from the backend', lines: 199_950, bytes: 1_999_500 },
  ]);
});

test('each minute begins anew, with the sum of the one before', () => {
  const { clock, told, note } = open();
  for (let i = 0; i < 60; i++) note(line);
  clock.ms = 60_000;
  note(line);
  expect(told.slice(50)).toEqual([
    { message: 'more unreadable lines from the backend', lines: 10, bytes: 100 },
    line,
  ]);
});

test('where all were told there is no sum', () => {
  const { told, note, flush } = open();
  note(line);
  flush();
  expect(told).toEqual([line]);
});
