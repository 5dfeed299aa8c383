import { createRandom, type Random } from '../../support/random.ts';
import { openShared, settleAll } from './shared-support.ts';

const KEYS = ['a', 'b'] as const;

const runSeed = async (seed: number): Promise<void> => {
  const random: Random = createRandom(seed);
  const maxConcurrency = 1 + random.below(6);
  const maxStreams = 1 + random.below(4);
  const maxPerKey = random.pick([null, 1 + random.below(maxConcurrency)]);
  const shared = openShared({
    maxConcurrency,
    maxStreams,
    maxPerKey,
    queueMax: random.below(6),
    queueWaitMs: 500,
  });
  const processes = [shared.start(), shared.start(), shared.start()];
  const running = () => processes.flatMap(({ all }) => all).filter(({ state }) => state === 'running');

  const step = (): void => {
    const index = random.below(processes.length);
    const one = processes[index] as (typeof processes)[number];
    const open = one.all.filter(({ state }) => state === 'running' || state === 'waiting');
    switch (random.below(12)) {
      case 0:
        return shared.timers.advance(random.below(300));
      case 1:
        return open[random.below(open.length)]?.leave();
      case 2:
        if (random.below(20) > 0) return;
        one.end();
        processes[index] = shared.start();
        return;
      case 3:
      case 4:
        return open.find(({ state }) => state === 'running')?.release();
      case 5:
      case 6:
        return void one.ask(random.below(2) === 0, random.pick(KEYS));
      default:
        return one.channel[random.below(2)]?.shift()?.();
    }
  };

  for (let count = 0; count < 300; count++) {
    step();
    await settleAll();
    const now = running();
    expect(now.length).toBeLessThanOrEqual(maxConcurrency);
    expect(now.filter(({ stream }) => stream).length).toBeLessThanOrEqual(maxStreams);
    for (const key of KEYS)
      expect(now.filter((one) => one.key === key).length).toBeLessThanOrEqual(maxPerKey ?? maxConcurrency);
  }
  // When everything has been said, nobody waits who fits, and all places can be had.
  await shared.deliverAll(...processes);
  for (const one of running()) one.release();
  await shared.deliverAll(...processes);
  for (const one of running()) one.release();
  for (let count = 0; count < 20; count++) {
    shared.timers.advance(600);
    await shared.deliverAll(...processes);
    for (const one of running()) one.release();
  }
  expect(processes.flatMap(({ all }) => all).filter(({ state }) => state === 'waiting')).toEqual([]);
  const [first] = processes;
  const wanted = Array.from({ length: Math.min(maxConcurrency, maxPerKey ?? maxConcurrency) }, () =>
    first?.ask(false, 'a'),
  );
  await shared.deliverAll(...processes);
  expect(wanted.map((one) => one?.state)).toEqual(wanted.map(() => 'running'));
};

test.each(Array.from({ length: 60 }, (_, seed) => seed))(
  'no limit is passed, whatever happens when (%d)',
  runSeed,
);
