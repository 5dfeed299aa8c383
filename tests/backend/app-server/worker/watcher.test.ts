import { readdirSync, readFileSync } from 'node:fs';
import { commandOf, isAlive, startProcess } from '../../../support/backend-process.ts';
import { GIVE_UP_MS } from '../../../support/give-up.ts';
import { untilGone } from '../../../support/until-gone.ts';

/** The children of this process that are shells: the watchers of its workers. */
const watchers = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const [, parent] = /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
        return (
          Number(parent) === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('/bin/sh')
        );
      } catch {
        return false;
      }
    });

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
