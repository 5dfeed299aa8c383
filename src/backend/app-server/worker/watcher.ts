import { spawn } from 'node:child_process';
import { createRestartSchedule } from './restart-schedule.ts';
import { systemTiming, type Timing } from './timing.ts';

/** A shell that outlives us, should we be killed, and then ends a worker's process group. */
export interface Watcher {
  /** From now on that group ends with us. */
  guard(group: number): void;
  /** The worker has ended: nothing is to be killed any more. Twice is harmless. */
  stop(): void;
}

/**
 * The group is its argument, or the first line of its input. The end of its input means that we are gone, by whatever signal:
 * a worker that minds the end of its own input gets five seconds for its last spans. It looks each second, so that a number
 * that has become free and somebody else's is not killed. No `--` before the group: dash takes it for a number.
 */
const SCRIPT = `
group=$1
[ "$group" ] || read -r group || exit 0
while read -r _; do :; done
for _ in 1 2 3 4 5; do
  kill -0 "-$group" 2>/dev/null || exit 0
  sleep 1
done
kill -KILL "-$group" 2>/dev/null
`;

/** The shell itself, which anybody may kill. */
export interface Shell {
  tell(group: number): void;
  kill(): void;
  /** Resolves when it is no more, or could not be started. */
  readonly ended: Promise<unknown>;
}

/** `group` is null where there is none yet. */
type OpenShell = (path: string | undefined, group: number | null) => Shell;

const openShell: OpenShell = (path, group) => {
  const args = group === null ? [] : [String(group)];
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'watcher', ...args], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: path === undefined ? {} : { PATH: path },
  });
  // Nor is there a stdin where there are no descriptors left.
  child.stdin?.on('error', () => undefined);
  child.unref();
  return {
    tell: (group) => void child.stdin?.write(`${group}\n`),
    kill: () => void child.kill('SIGKILL'),
    ended: new Promise((resolve) => void child.on('error', resolve).on('exit', resolve)),
  };
};

/** A shell that lived this long did not end by itself. */
const STABLE_AFTER_MS = 1_000;
/** In any five minutes, those at once included. Where no shell can run, the end of its stdin is all that a worker gets to know of our end. */
const MAX_RESTARTS = 10;

/**
 * Starts the watcher, in a group of its own: before the worker, so that hardly a moment is left in which nobody watches. `path`
 * is where it finds `sleep`. One that somebody kills is replaced.
 */
export const startWatcher = (
  path: string | undefined,
  timing: Timing = systemTiming,
  open: OpenShell = openShell,
): Watcher => {
  const schedule = createRestartSchedule({ timing, maxRestarts: MAX_RESTARTS });
  let watched: number | null = null;
  let stopped = false;
  let shell: Shell;
  let cancel: () => void = () => undefined;

  const replace = (livedMs: number): void => {
    if (stopped) return;
    const isStable = livedMs >= STABLE_AFTER_MS;
    if (isStable) schedule.reset();
    const { waitMs } = isStable ? schedule.atOnce() : schedule.next();
    cancel = timing.later(waitMs, start);
  };
  const start = (): void => {
    const startedAt = timing.now();
    shell = open(path, watched);
    void shell.ended.then(() => replace(timing.now() - startedAt));
  };

  start();
  return {
    guard(group) {
      watched = group;
      shell.tell(group);
    },
    stop() {
      stopped = true;
      cancel();
      shell.kill();
    },
  };
};
