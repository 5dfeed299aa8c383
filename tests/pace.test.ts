import { createFifo } from '../src/fifo.ts';
import { createPace } from '../src/pace.ts';
import { piecesOf } from '../src/pieces.ts';

/** A pace whose time and turns are the test's. */
const open = (sliceMs = 5) => {
  const clock = { ms: 0 };
  const due: (() => void)[] = [];
  const pace = createPace({
    nowMs: () => clock.ms,
    nextTurn: (callback) => due.push(callback),
    afterStep: (callback) => queueMicrotask(() => process.nextTick(callback)),
    sliceMs,
  });
  /** One turn of the event loop, and what follows at once. */
  const turn = async (): Promise<void> => {
    for (const callback of due.splice(0)) callback();
    // All microtasks and ticks, but no turn of the test's own event loop.
    for (let hops = 0; hops < 20; hops++) await new Promise<void>((resolve) => process.nextTick(resolve));
  };
  return { clock, pace, turn, due };
};

test('work goes on while its turn has time left, and rests when it has none', () => {
  const { clock, pace } = open();
  expect(pace.rest()).toBeNull();
  clock.ms += 4;
  expect(pace.rest()).toBeNull();
  clock.ms += 1;
  expect(pace.rest()).toBeInstanceOf(Promise);
});

test('a new turn has new time', async () => {
  const { clock, pace, turn } = open();
  void pace.rest();
  clock.ms += 100;
  await turn();
  expect(pace.rest()).toBeNull();
});

test('a step that cannot be divided gets a turn of its own, in the order in which they wait', async () => {
  const { pace, turn } = open();
  const done: string[] = [];
  for (const name of ['a', 'b', 'c']) void pace.turn().then(() => done.push(name));
  expect(done).toEqual([]);
  await turn();
  expect(done).toEqual(['a']);
  await turn();
  await turn();
  expect(done).toEqual(['a', 'b', 'c']);
});

test('of those that wait between small steps as many go on as a turn has time for', async () => {
  const { clock, pace, turn } = open();
  void pace.rest();
  clock.ms += 5;
  const done: number[] = [];
  const work = async (name: number): Promise<void> => {
    await pace.rest();
    done.push(name);
    clock.ms += 2;
  };
  const all = Array.from({ length: 7 }, (_, name) => work(name));
  await turn();
  expect(done).toEqual([0, 1, 2]);
  await turn();
  expect(done).toEqual([0, 1, 2, 3, 4, 5]);
  await turn();
  await Promise.all(all);
});

test('what all of them take together is one slice a turn', async () => {
  const { clock, pace, turn } = open();
  void pace.rest();
  clock.ms += 5;
  const first = pace.rest();
  expect(pace.rest()).toBeInstanceOf(Promise);
  await turn();
  await first;
  clock.ms += 5;
  expect(pace.rest()).toBeInstanceOf(Promise);
});

test('nothing is left to do once nobody works', async () => {
  const { pace, turn, due } = open();
  void pace.turn();
  await turn();
  await turn();
  expect(due).toEqual([]);
});

test('a queue gives what it was given, in order, and forgets what it gave', () => {
  const queue = createFifo<number>();
  const taken: (number | undefined)[] = [];
  for (let at = 0; at < 10_000; at++) {
    queue.push(at);
    if (at % 3 === 0) taken.push(queue.take());
  }
  expect(queue.length).toBe(10_000 - taken.length);
  while (queue.length > 0) taken.push(queue.take());
  expect(taken).toEqual(Array.from({ length: 10_000 }, (_, at) => at));
  expect(queue.take()).toBeUndefined();
  queue.push(1);
  queue.clear();
  expect(queue.length).toBe(0);
});

test('pieces put together are the text, and none ends inside a character', () => {
  for (const text of ['', 'abcdef', 'ab😀cd😀', '😀'.repeat(10), `x${'😀'.repeat(9)}`]) {
    const pieces = [...piecesOf(text, 3)];
    expect(pieces.join('')).toBe(text);
    expect(pieces.every((piece) => piece.isWellFormed() && piece.length <= 3)).toBe(true);
  }
});
