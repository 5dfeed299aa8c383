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

describe('who takes each piece', () => {
  const taking = (waits: (piece: string) => Promise<void> | null = () => null) => {
    const { queue, said } = start();
    const taken: string[] = [];
    const over = () =>
      queue.bytes.each((piece) => {
        taken.push(String(piece));
        return waits(String(piece));
      });
    return { queue, said, taken, over };
  };

  test('gets it in the call in which it comes', async () => {
    const { queue, taken, over } = taking();
    queue.push(Buffer.from('a'));
    const end = over();
    expect(taken).toEqual(['a']);
    queue.push(Buffer.from('b'));
    expect(taken).toEqual(['a', 'b']);
    queue.end();
    await end;
  });

  test('gets the next one when there is room for it, and the end behind the last', async () => {
    const room = Promise.withResolvers<void>();
    const { queue, taken, over } = taking((piece) => (piece === 'a' ? room.promise : null));
    const end = over();
    for (const piece of ['a', 'b', 'c']) queue.push(Buffer.from(piece));
    queue.end();
    expect(taken).toEqual(['a']);
    room.resolve();
    await end;
    expect(taken.join('')).toBe('abc');
  });

  test('gets what has come, and then the error', async () => {
    const { queue, taken, over } = taking();
    queue.push(Buffer.from('a'));
    queue.fail(new Error('cut'));
    await expect(over()).rejects.toThrow('cut');
    expect(taken).toEqual(['a']);
  });

  test('holds the sender back while there is no room, and lets it go on behind what waits', async () => {
    const { queue, said } = start();
    const room = Promise.withResolvers<void>();
    const sizes: number[] = [];
    const end = queue.bytes.each(({ length }) => {
      sizes.push(length);
      return sizes.length === 1 ? room.promise : null;
    });
    for (let at = 0; at < 5; at++) queue.push(Buffer.alloc(100 * KIB));
    expect(said).toEqual(['pause']);
    queue.end();
    room.resolve();
    await end;
    expect(said).toEqual(['pause', 'resume']);
    expect(sizes).toEqual(Array(5).fill(100 * KIB));
  });

  test('leaves the sender where it cannot take a piece', async () => {
    const { queue, said } = start();
    const end = queue.bytes.each(() => {
      throw new Error('full');
    });
    queue.push(Buffer.from('a'));
    await expect(end).rejects.toThrow('full');
    expect(said).toEqual(['leave']);
  });
});
