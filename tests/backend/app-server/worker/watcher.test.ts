import { type Shell, startWatcher } from '../../../../src/backend/app-server/worker/watcher.ts';
import { commandOf, isAlive, startProcess } from '../../../support/backend-process.ts';
import { createFakeTiming, settle } from '../../../support/fake-timing.ts';
import { GIVE_UP_MS } from '../../../support/give-up.ts';
import { untilGone } from '../../../support/until-gone.ts';
import { watchersOf } from '../../../support/watchers.ts';

const watchers = (): number[] => watchersOf(process.pid);

const isLinux = process.platform === 'linux';

test('each worker has one watcher, which ends with it, however it ends', async () => {
  const before = watchers().length;
  const [stopped, killed] = [startProcess(commandOf('answers')), startProcess(commandOf('never-answers'))];
  const own = watchers();
  expect(own.length - before).toBe(isLinux ? 2 : 0);
  await stopped.stop(GIVE_UP_MS);
  killed.kill();
  await killed.exited;
  expect(await Promise.all(own.map((pid) => untilGone(pid)))).toEqual(own.map(() => true));
});

test('a worker that could not be started leaves no watcher', async () => {
  const failed = startProcess(['/nowhere/codex']);
  const own = watchers();
  await failed.exited;
  expect(await Promise.all(own.map((pid) => untilGone(pid)))).toEqual(own.map(() => true));
  expect(own.map(isAlive)).toEqual(own.map(() => false));
});

describe('a watcher whose shell ends', () => {
  type FakeShell = Shell & { readonly told: number[]; killed: boolean; end(): Promise<void> };

  const open = () => {
    const timing = createFakeTiming();
    const shells: FakeShell[] = [];
    const watcher = startWatcher(undefined, timing, (_, group) => {
      const { promise: ended, resolve } = Promise.withResolvers<void>();
      const shell: FakeShell = {
        told: group === null ? [] : [group],
        killed: false,
        tell: (group) => void shell.told.push(group),
        kill: () => {
          shell.killed = true;
          resolve();
        },
        ended,
        end: () => {
          resolve();
          return settle();
        },
      };
      shells.push(shell);
      return shell;
    });
    return { timing, shells, watcher, endLast: async () => shells.at(-1)?.end() };
  };

  it('gets another one at once, which knows the group from the start', async () => {
    const { timing, shells, watcher, endLast } = open();
    watcher.guard(7);
    await timing.advance(1_000);
    await endLast();
    expect(timing.waits).toEqual([0]);
    await timing.advance(0);
    expect(shells.map(({ told }) => told)).toEqual([[7], [7]]);
  });

  it('waits ever longer where it dies at once, and goes on slowly where it always does', async () => {
    const { timing, shells, endLast } = open();
    const waits: number[] = [];
    for (let death = 0; death < 11; death++) {
      await endLast();
      const [wait = -1] = timing.waits;
      waits.push(wait);
      await timing.advance(wait);
    }
    expect(waits.slice(0, 10)).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000]);
    expect(waits[10]).toBeGreaterThan(200_000);
    expect(shells).toHaveLength(12);
  });

  it('gets no other one once it is stopped, be it while one is awaited', async () => {
    const { timing, shells, watcher, endLast } = open();
    await endLast();
    watcher.stop();
    expect(timing.waits).toEqual([]);
    await settle();
    expect(shells).toHaveLength(1);
    const other = open();
    other.watcher.stop();
    await settle();
    expect([other.shells[0]?.killed, other.timing.waits]).toEqual([true, []]);
  });
});
