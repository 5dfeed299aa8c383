import { createGenerations } from '../../../src/backend/routes/generations.ts';

const setUp = () => {
  const closed: string[] = [];
  const generations = createGenerations('one', async (value) => void closed.push(value));
  return { closed, generations };
};

/** A use that lasts until the test ends it, and gives back the value that it had. */
const begin = (generations: ReturnType<typeof setUp>['generations']) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const used = generations.use(async (value) => {
    await promise;
    return value;
  });
  return { used, end: resolve };
};

test('who uses the value keeps it while another takes its place, and it is closed when the last use has ended', async () => {
  const { closed, generations } = setUp();
  const [first, second] = [begin(generations), begin(generations)];
  generations.replace('two');
  const third = begin(generations);
  expect(generations.current).toBe('two');
  first.end();
  expect([await first.used, closed]).toEqual(['one', []]);
  second.end();
  expect([await second.used, closed]).toEqual(['one', ['one']]);
  third.end();
  expect([await third.used, closed]).toEqual(['two', ['one']]);
});

test('a value that nobody uses is closed at once', () => {
  const { closed, generations } = setUp();
  generations.replace('two');
  expect(closed).toEqual(['one']);
});

test('work that fails is a use that has ended', async () => {
  const { closed, generations } = setUp();
  const failing = generations.use(() => Promise.reject(new Error('no')));
  generations.replace('two');
  await expect(failing).rejects.toThrow('no');
  expect(closed).toEqual(['one']);
});

test('closing closes each value once, however often it is asked for', async () => {
  const { closed, generations } = setUp();
  generations.replace('two');
  await Promise.all([generations.close(), generations.close()]);
  await generations.use(async () => undefined);
  expect(closed).toEqual(['one', 'two']);
});
