import { PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createPacedInput } from '../../../../src/backend/app-server/worker/paced-input.ts';
import { countingPace } from '../../../support/pace.ts';

const settle = async (): Promise<void> => {
  for (let turns = 0; turns < 200; turns++) await new Promise((resolve) => setImmediate(resolve));
};

test('a long line goes out in pieces over several turns, whole, and lines behind it stay behind it', async () => {
  const stream = new PassThrough({ highWaterMark: 1024 });
  const { pace, turns } = countingPace(1);
  const input = createPacedInput(stream, pace);
  const read = text(stream);
  const long = '01234😀'.repeat(400_000);
  for (const line of ['first', long, 'last']) expect(input.send(line)).toBe(true);
  await settle();
  stream.end();
  expect((await read) === `first\n${long}\nlast\n`).toBe(true);
  expect(turns()).toBeGreaterThan(5);
});

test('no line is taken when too much is unread', () => {
  const input = createPacedInput(new PassThrough(), countingPace().pace);
  const long = 'x'.repeat(16 * 1024 * 1024);
  const taken = Array.from({ length: 8 }, () => input.send(long));
  expect(taken.slice(0, 4)).toEqual([true, true, true, true]);
  expect(taken.at(-1)).toBe(false);
});

test('the lines of one turn of the event loop go out together', async () => {
  const writes: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk, _, done) => {
      writes.push(String(chunk));
      done();
    },
    writev: (chunks, done) => {
      writes.push(chunks.map(({ chunk }) => String(chunk)).join(''));
      done();
    },
  });
  const input = createPacedInput(stream, countingPace().pace);
  for (const line of ['one', 'two']) input.send(line);
  expect(writes).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  input.send('three');
  stream.end();
  await settle();
  expect(writes).toEqual(['one\ntwo\n', 'three\n']);
});
