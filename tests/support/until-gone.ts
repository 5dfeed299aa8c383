import { setTimeout as pause } from 'node:timers/promises';
import { isAlive } from './backend-process.ts';
import { GIVE_UP_MS } from './give-up.ts';

/** Looks until the process is gone; false when it does not go. Nothing tells of the end of a process that is not ours. */
export const untilGone = async (pid: number): Promise<boolean> => {
  const until = performance.now() + GIVE_UP_MS;
  while (performance.now() < until) {
    if (!isAlive(pid)) return true;
    await pause(50);
  }
  return !isAlive(pid);
};
