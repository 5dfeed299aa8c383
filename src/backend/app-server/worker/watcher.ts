import { spawn } from 'node:child_process';

/** A shell that outlives us, should we be killed, and then ends a worker's process group. */
export interface Watcher {
  /** From now on that group ends with us. */
  guard(group: number): void;
  /** The worker has ended: nothing is to be killed any more. Twice is harmless. */
  stop(): void;
}

/**
 * Its first line of input is the group. The end of its input means that we are gone, by whatever signal: a worker that minds
 * the end of its own input gets five seconds for its last spans. It looks each second, so that a number that has become
 * free and somebody else's is not killed. No `--` before the group: dash takes it for a number.
 */
const SCRIPT = `
read -r group || exit 0
while read -r _; do :; done
for _ in 1 2 3 4 5; do
  kill -0 "-$group" 2>/dev/null || exit 0
  sleep 1
done
kill -KILL "-$group" 2>/dev/null
`;

/**
 * Starts the watcher, in a group of its own: before the worker, so that hardly a moment is left in which nobody watches. `path`
 * is where it finds `sleep`.
 */
export const startWatcher = (path: string | undefined): Watcher => {
  const child = spawn('/bin/sh', ['-c', SCRIPT], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: path === undefined ? {} : { PATH: path },
  });
  // Without a shell nobody watches; the end of its stdin is then all that a worker gets to know of our end.
  child.on('error', () => undefined);
  // Nor is there a stdin where there are no descriptors left.
  child.stdin?.on('error', () => undefined);
  child.unref();
  return {
    guard: (group) => void child.stdin?.write(`${group}\n`),
    stop: () => void child.kill('SIGKILL'),
  };
};
