import { createHook } from 'node:async_hooks';
import type { HeapProfiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';
import { isMainThread } from 'node:worker_threads';
import type { Counted, Counts, GuardQuestion } from './counters.ts';

/** Loaded before the gateway's code (`--import`): counts what its requests' thread does, and tells it when it is asked. */

const counted: Record<Counted, number> = { stringify: 0, parse: 0, promises: 0, timers: 0 };
const SAMPLE_BYTES = 2048;

const BY_TYPE: Readonly<Record<string, Counted>> = {
  PROMISE: 'promises',
  Timeout: 'timers',
};

/** Counts the calls of a function. */
const counting = <Args extends unknown[], Result>(
  name: Counted,
  call: (...args: Args) => Result,
): ((...args: Args) => Result) =>
  function counts(this: unknown, ...args) {
    counted[name]++;
    return call.apply(this, args);
  };

const watchCalls = (): void => {
  JSON.stringify = counting('stringify', JSON.stringify as (...args: unknown[]) => string);
  JSON.parse = counting('parse', JSON.parse);
  createHook({
    init(_id, type) {
      const name = BY_TYPE[type];
      if (name) counted[name]++;
    },
  }).enable();
};

/** Adds up what was allocated since the beginning, collected or not: a sample every few kilobytes stands for all. */
const createAllocations = () => {
  const session = new Session();
  session.connect();
  const bytesOf = ({ selfSize, children }: HeapProfiler.SamplingHeapProfileNode): number =>
    children.reduce((sum, child) => sum + bytesOf(child), selfSize);
  return {
    begin: () =>
      session.post('HeapProfiler.startSampling', {
        samplingInterval: SAMPLE_BYTES,
        includeObjectsCollectedByMajorGC: true,
        includeObjectsCollectedByMinorGC: true,
      }),
    async end(): Promise<number> {
      const { profile } = await session.post('HeapProfiler.stopSampling');
      return bytesOf(profile.head);
    },
  };
};

const answerGuard = (): void => {
  const allocations = createAllocations();
  const answer = async (question: GuardQuestion): Promise<Counts> => {
    const allocated = question === 'end' ? await allocations.end() : 0;
    const counts = { ...counted, allocated };
    if (question === 'begin') await allocations.begin();
    return counts;
  };
  process.on(
    'message',
    (question: GuardQuestion) => void answer(question).then((counts) => process.send?.(counts)),
  );
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel?.unref();
};

if (isMainThread && process.send) {
  watchCalls();
  answerGuard();
}
