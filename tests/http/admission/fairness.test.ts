import { openAdmission, settle } from './support.ts';

const times = (count: number) => Array.from({ length: count });

test('a key that has used its share is refused, and others are not', async () => {
  const { ask } = openAdmission({ maxConcurrency: 4, maxPerKey: 2 });
  const greedy = times(3).map(() => ask('greedy'));
  const modest = ask('modest');
  await settle();
  expect(greedy.map(({ state }) => state)).toEqual(['running', 'running', 'refused']);
  expect(greedy[2]?.error).toMatchObject({
    code: 'key_concurrency_exceeded',
    status: 429,
    outcome: 'rate_limited',
    headers: { 'retry-after': '1' },
  });
  expect(modest.state).toBe('running');
});

test('requests that wait count, so that a key cannot have more than its share by waiting', async () => {
  const { ask } = openAdmission({ maxConcurrency: 4, maxPerKey: 3 });
  const [others] = [times(3).map(() => ask('other'))];
  const greedy = times(4).map(() => ask('greedy'));
  await settle();
  expect(greedy.map(({ state }) => state)).toEqual(['running', 'waiting', 'waiting', 'refused']);
  others[0]?.release();
  await settle();
  expect(greedy[1]?.state).toBe('running');
});

test('a key cannot have all streams either', async () => {
  const { ask } = openAdmission({ maxConcurrency: 8, maxStreams: 4, maxPerKey: 4 });
  const greedy = times(3).map(() => ask('greedy', true));
  const plain = ask('greedy', false);
  const modest = ask('modest', true);
  await settle();
  expect(greedy.map(({ state }) => state)).toEqual(['running', 'running', 'refused']);
  expect([plain.state, modest.state]).toEqual(['running', 'running']);
});

test('nor can it have the whole queue', async () => {
  const { ask } = openAdmission({ maxConcurrency: 4, maxPerKey: 3, queueMax: 2 });
  times(2).map(() => [ask('a'), ask('b')]);
  const second = [ask('b'), ask('c'), ask('c')];
  await settle();
  expect(second.map(({ state, error }) => error?.code ?? state)).toEqual([
    'waiting',
    'waiting',
    'key_concurrency_exceeded',
  ]);
});

test('a share that is everything leaves a key all streams and the whole queue', async () => {
  const { ask } = openAdmission({ maxConcurrency: 2, maxStreams: 2, maxPerKey: 2, queueMax: 2 });
  const asked = times(2).map(() => ask('only', true));
  await settle();
  expect(asked.map(({ state }) => state)).toEqual(['running', 'running']);
});

test('those that wait enter by turns of their keys, each key in its order', async () => {
  const { ask, entered } = openAdmission({ maxConcurrency: 1 });
  const first = ask('x');
  await settle();
  for (const key of ['a', 'a', 'a', 'b', 'c', 'b']) ask(key);
  first.release();
  for (const _ of times(6)) {
    await settle();
    entered.at(-1)?.release();
  }
  expect(entered.slice(1).map(({ key }) => key)).toEqual(['a', 'b', 'c', 'a', 'b', 'a']);
});

test('a key whose streams do not fit keeps its turn, while plain requests of others pass', async () => {
  const { ask } = openAdmission({ maxConcurrency: 2, maxStreams: 1 });
  const [stream, plain] = [ask('x', true), ask('x')];
  const [waiting, first, second] = [ask('a', true), ask('b'), ask('b')];
  await settle();
  plain.release();
  await settle();
  expect([waiting.state, first.state]).toEqual(['waiting', 'running']);
  stream.release();
  await settle();
  expect([waiting.state, second.state]).toEqual(['running', 'waiting']);
});
