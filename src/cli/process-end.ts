import { setTimeout as pause } from 'node:timers/promises';

/** How long calls into the file system that are under way may take to come back. */
const LAST_CALLS_MS = 250;
const LOOK_MS = 10;

const waitsForFiles = (): boolean =>
  process.getActiveResourcesInfo().some((resource) => resource.startsWith('FSReq'));

/**
 * `process.exit` joins Node's threads, and one that hangs in the file system (a pipe that nobody reads, a server that is away) never
 * comes back. Only a new program in the place of this one ends it then and keeps the exit code, as process 1 of a container too.
 */
const leave = async (exitCode: number, hasThread: () => boolean): Promise<void> => {
  const waits = (): boolean => waitsForFiles() || hasThread();
  for (let left = LAST_CALLS_MS; waits() && left > 0; left -= LOOK_MS) await pause(LOOK_MS);
  if (waits()) {
    process.execve?.(process.execPath, [process.execPath, '-e', `process.exitCode = ${exitCode}`], {});
  }
  process.exit(exitCode);
};

/**
 * The one way in which the gateway's process ends.
 *
 * @param hasThread - whether a thread has not ended: calls of its own cannot be seen from here
 * @returns a function that ends it with an exit code after its last words, whose failure it throws; a later call takes the place of an
 * earlier one, which then ends nothing
 */
export const createProcessEnd = (
  hasThread: () => boolean = () => false,
): ((exitCode: number, lastWords?: Promise<unknown>) => Promise<void>) => {
  let calls = 0;
  return async (exitCode, lastWords) => {
    const own = ++calls;
    await lastWords;
    if (own === calls) await leave(exitCode, hasThread);
  };
};
