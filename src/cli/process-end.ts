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
const leave = async (exitCode: number): Promise<void> => {
  for (let left = LAST_CALLS_MS; waitsForFiles() && left > 0; left -= LOOK_MS) await pause(LOOK_MS);
  if (waitsForFiles()) {
    process.execve?.(process.execPath, [process.execPath, '-e', `process.exitCode = ${exitCode}`], {});
  }
  process.exit(exitCode);
};

/**
 * The one way in which the gateway's process ends.
 *
 * @returns a function that ends it with an exit code after its last words, whose failure it throws; a later call takes the place of an
 * earlier one, which then ends nothing
 */
export const createProcessEnd = (): ((exitCode: number, lastWords?: Promise<unknown>) => Promise<void>) => {
  let calls = 0;
  return async (exitCode, lastWords) => {
    const own = ++calls;
    await lastWords;
    if (own === calls) await leave(exitCode);
  };
};
