import { setTimeout as pause } from 'node:timers/promises';
import { isAlive } from './backend-process.ts';

/** Looks until the process is gone; false when it is still there after `ms`. Nothing tells of the end of a process that is not ours. */
export const untilGone = async (pid: number, ms: number): Promise<boolean> => {
  const until = performance.now() + ms;
  while (performance.now() < until) {
    if (!isAlive(pid)) return true;
    await pause(50);
  }
  return !isAlive(pid);
};
