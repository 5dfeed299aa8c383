import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
export const collectGarbage = runInNewContext('gc') as () => void;

/** The bytes of the heap that something still holds. */
export const liveHeapBytes = (): number => {
  collectGarbage();
  return process.memoryUsage().heapUsed;
};
