import { existsSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import { createWaiters } from './wait-until.ts';

/** Resolves once there is nothing at this path. */
export const untilRemoved = async (path: string): Promise<void> => {
  const waiters = createWaiters();
  const watcher = watch(dirname(path), waiters.notify);
  try {
    await waiters.until(
      () => !existsSync(path),
      () => `${path} is still there`,
    );
  } finally {
    watcher.close();
  }
};
