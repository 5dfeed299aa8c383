import { PassThrough } from 'node:stream';
import { createLineOutput } from '../../src/app-server/transport/stdio.ts';

const open = () => {
  const stream = new PassThrough();
  const writes: string[] = [];
  stream.on('data', (bytes: Buffer) => void writes.push(bytes.toString()));
  return { output: createLineOutput(stream), writes };
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('the lines of one turn of the event loop are one write, in order', async () => {
  const { output, writes } = open();
  for (const line of ['one', 'two', 'three']) output.write(line);
  await turn();
  output.write('four');
  await turn();
  expect(writes).toEqual(['one\ntwo\nthree\n', 'four\n']);
});

test('a process that ends in this turn has written what it has said', () => {
  const { output, writes } = open();
  output.write('last words');
  output.flush();
  output.flush();
  expect(writes).toEqual(['last words\n']);
});

test('many lines do not wait, and whoever writes them waits for their reader', async () => {
  const stream = new PassThrough({ highWaterMark: 1024 });
  const output = createLineOutput(stream);
  output.write('x'.repeat(100_000));
  expect(stream.readableLength).toBe(100_001);
  let isReady = false;
  const ready = output.ready().then(() => (isReady = true));
  await turn();
  expect(isReady).toBe(false);
  stream.resume();
  await ready;
});
