import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { FromThread } from './messages.ts';
import type { StartThread } from './supervisor.ts';

/** What the thread may take of the machine's memory: its queues are bounded below that. */
const MAX_HEAP_MB = 1024;
/** Small, since what it makes of a batch is garbage soon. */
const YOUNG_MB = 8;

/** The folder of this thread's compile cache, for another thread; Node keeps one below it for each version. */
const compileCache = (): string[] => {
  const folder = getCompileCacheDir();
  return folder === undefined ? [] : [dirname(folder)];
};

/** Starts the telemetry thread as a thread of this process. */
export const startWorkerThread: StartThread = (start, hear, onEnd) => {
  const worker = new Worker(new URL('../../../bin/telemetry-thread.mjs', import.meta.url), {
    argv: compileCache(),
    workerData: start,
    name: 'telemetry',
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB, maxYoungGenerationSizeMb: YOUNG_MB },
  });
  let failure: Error | null = null;
  let hasEnded = false;
  worker.on('message', (message: FromThread) => hear(message));
  worker.on('error', (error: Error) => {
    failure = error;
  });
  worker.on('exit', () => {
    if (!hasEnded) onEnd(failure);
    hasEnded = true;
  });
  return {
    post: (message) => worker.postMessage(message),
    end: () => worker.terminate(),
  };
};
