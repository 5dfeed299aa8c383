import { clientLeft } from '../../support/fake-exchange.ts';
import { createRandom, type Random } from '../../support/random.ts';
import { type Asked, openAdmission, settle } from './support.ts';

const KEYS = ['a', 'b', 'c', 'd'] as const;
const STEPS = 250;

const anyLimits = (random: Random) => {
  const maxConcurrency = 1 + random.below(8);
  return {
    maxConcurrency,
    maxStreams: 1 + random.below(8),
    maxPerKey: random.pick([null, 1 + random.below(maxConcurrency), Math.ceil(maxConcurrency / 2)]),
    queueMax: random.below(8),
    queueWaitMs: 50,
  };
};

const countOf = (asked: readonly Asked[], what: (one: Asked) => boolean): number => asked.filter(what).length;

/** Runs whatever may happen, in an order that the seed decides, and checks after each step what must always hold. */
const runSeed = async (seed: number): Promise<void> => {
  const random = createRandom(seed);
  const limits = anyLimits(random);
  const { admission, timers, ask } = openAdmission(limits);
  const { maxConcurrency, maxStreams, maxPerKey, queueMax } = limits;
  let open: Asked[] = [];

  const step = (): void => {
    const one = open[random.below(open.length)];
    switch (random.below(8)) {
      case 0:
        return timers.advance(random.below(40));
      case 1:
        return one?.leave(clientLeft());
      case 2:
      case 3:
      case 4:
        return one?.release();
      default:
        open.push(ask(random.pick(KEYS), random.below(2) === 0));
    }
  };

  const check = (): void => {
    const running = open.filter(({ state }) => state === 'running');
    const waiting = open.filter(({ state }) => state === 'waiting');
    const streams = countOf(running, ({ stream }) => stream);
    expect(admission.state).toEqual({ running: running.length, streams, waiting: waiting.length });
    expect(running.length).toBeLessThanOrEqual(maxConcurrency);
    expect(streams).toBeLessThanOrEqual(maxStreams);
    expect(waiting.length).toBeLessThanOrEqual(queueMax);
    for (const key of KEYS) {
      const own = countOf([...running, ...waiting], (asked) => asked.key === key);
      expect(own).toBeLessThanOrEqual(maxPerKey ?? Number.POSITIVE_INFINITY);
    }
    const isFree = (stream: boolean) => running.length < maxConcurrency && (!stream || streams < maxStreams);
    expect(waiting.filter(({ stream }) => isFree(stream))).toEqual([]);
    expect(timers.pending).toBe(waiting.length);
  };

  const trackReleases = (): void => {
    for (const asked of open) {
      const { release } = asked;
      if (asked.state !== 'running' || 'tracked' in asked) continue;
      Object.assign(asked, {
        tracked: true,
        release: () => {
          release();
          open = open.filter((other) => other !== asked);
        },
      });
    }
  };

  for (let count = 0; count < STEPS; count++) {
    step();
    await settle();
    trackReleases();
    check();
    open = open.filter(({ state }) => state !== 'refused');
  }
  while (open.length > 0) {
    for (const asked of open) asked.state === 'running' ? asked.release() : asked.leave(clientLeft());
    await settle();
    trackReleases();
    open = open.filter(({ state }) => state !== 'refused');
  }
  expect(admission.state).toEqual({ running: 0, streams: 0, waiting: 0 });
  expect(timers.pending).toBe(0);
};

test.each(Array.from({ length: 25 }, (_, seed) => seed))(
  'whatever comes and goes (seed %i), no limit is passed, no place is lost and none stays empty while one waits',
  runSeed,
);

test.each(Array.from({ length: 10 }, (_, seed) => seed))(
  'however many a key has waiting (seed %i), another waits for one turn of each key at most',
  async (seed) => {
    const random = createRandom(seed);
    const { ask, entered } = openAdmission({ maxConcurrency: 1, queueMax: 100 });
    ask('x');
    for (let count = 0; count < 20 + random.below(40); count++) ask(random.pick(['a', 'b', 'c']));
    await settle();
    const late = ask('late');
    for (let released = 0; late.state === 'waiting'; released++) {
      expect(released).toBeLessThanOrEqual(3);
      entered.at(-1)?.release();
      await settle();
    }
  },
);
