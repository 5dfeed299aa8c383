import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';
import type { Delay, ProbeAnswer, ProbeQuestion } from './probe-messages.ts';

/**
 * Loaded before the code of each process that is measured (`--import`), so that all carry the same weight. It works when it is asked
 * alone: watches the event loop between two messages, and collects the garbage.
 */

/** How often the loop is looked at; a delay is what comes on top of it. */
const RESOLUTION_MS = 5;
const NS_PER_MS = 1e6;

const watch = (): void => {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const toMs = (nanoseconds: number): number => Math.max(0, nanoseconds / NS_PER_MS - RESOLUTION_MS);
  const read = (): Delay => ({ p99: toMs(delay.percentile(99)), max: toMs(delay.max) });

  const collect = (): void => {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    gc();
    gc();
  };
  const answer = (question: ProbeQuestion): ProbeAnswer => {
    switch (question) {
      case 'begin':
        delay.reset();
        delay.enable();
        return { delay: null };
      case 'end':
        delay.disable();
        return { delay: read() };
      case 'collect':
        collect();
        return { delay: null };
    }
  };

  process.on('message', (question: ProbeQuestion) => void process.send?.(answer(question)));
  // A benchmark that was killed leaves nobody behind.
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel?.unref();
};

if (isMainThread && process.send) watch();
