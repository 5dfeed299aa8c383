import { Worker } from 'node:worker_threads';
import type { FromThread } from './messages.ts';
import type { StartThread } from './supervisor.ts';

/** What the thread may take of the machine's memory: its queues are bounded below that. */
const MAX_HEAP_MB = 1024;

/** Starts the telemetry thread as a thread of this process. */
export const startWorkerThread: StartThread = (start, hear, onEnd) => {
  const worker = new Worker(new URL('./thread.ts', import.meta.url), {
    workerData: start,
    name: 'telemetry',
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
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
