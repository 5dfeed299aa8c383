import { createByteQueue } from '../../../../src/backend/http-upstream/relay/byte-queue.ts';

const start = () => {
  const said: string[] = [];
  const source = {
    pause: () => void said.push('pause'),
    resume: () => void said.push('resume'),
    leave: () => void said.push('leave'),
  };
  return { said, queue: createByteQueue(source) };
};

const KIB = 1024;

test('what comes while nobody reads is given in its order', async () => {
  const { queue } = start();
  const sizes = [3, 1, 5_000, 2, 2, 70 * KIB, 1];
  const sent = sizes.map((size, at) => Buffer.alloc(size, at + 1));
  for (const piece of sent) queue.push(piece);
  queue.end();
  const got: Uint8Array[] = [];
  for await (const piece of queue.bytes) got.push(piece);
  expect(Buffer.concat(got).equals(Buffer.concat(sent))).toBe(true);
});

test('who waits gets what has come at once', async () => {
  const { queue } = start();
  const next = queue.bytes[Symbol.asyncIterator]().next();
  queue.push(Buffer.from('a'));
  expect(await next).toEqual({ done: false, value: Buffer.from('a') });
});

test('a sender of very many pieces is held back before they are many bytes', async () => {
  const { queue, said } = start();
  for (let at = 0; at < 5_000; at++) queue.push(Buffer.from('a'));
  expect(said).toEqual(['pause']);
  const { value } = await queue.bytes[Symbol.asyncIterator]().next();
  expect([value, said]).toEqual([Buffer.from('a'), ['pause', 'resume']]);
});

test('an answer in single bytes waits in few pieces, and holds its sender back', async () => {
  const { queue, said } = start();
  for (let at = 0; at < 256 * KIB; at++) queue.push(Buffer.from([at % 251]));
  expect(said).toEqual(['pause']);
  queue.end();
  let pieces = 0;
  let at = 0;
  let isSame = true;
  for await (const piece of queue.bytes) {
    pieces++;
    for (const byte of piece) isSame &&= byte === at++ % 251;
  }
  expect([isSame, at]).toEqual([true, 256 * KIB]);
  expect(pieces).toBeLessThan(10);
  expect(said).toEqual(['pause', 'resume']);
});
