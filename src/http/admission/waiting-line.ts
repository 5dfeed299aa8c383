import type { GatewayError } from '../../errors.ts';

/** A request that waits for a place. Leaving the line is its own business, except through `next`. */
export interface Waiter {
  readonly key: string | null;
  readonly stream: boolean;
  enter(): void;
  refuse(error: GatewayError): void;
}

/** Who waits: one lane a key, first come first served; the lanes take turns. */
export interface WaitingLine {
  readonly size: number;
  sizeOf(key: string | null): number;
  add(waiter: Waiter): void;
  /** False when it was not in the line any more. */
  remove(waiter: Waiter): boolean;
  /** Takes out the first that fits of the lane whose turn it is; a lane in which nobody fits keeps its turn. */
  next(fits: (stream: boolean) => boolean): Waiter | undefined;
  all(): Waiter[];
}

export const createWaitingLine = (): WaitingLine => {
  /** In the order of their turns. */
  const lanes = new Map<string | null, Set<Waiter>>();
  let size = 0;

  const remove = (waiter: Waiter): boolean => {
    const lane = lanes.get(waiter.key);
    if (!lane?.delete(waiter)) return false;
    size--;
    if (lane.size === 0) lanes.delete(waiter.key);
    return true;
  };

  const toBack = (key: string | null): void => {
    const lane = lanes.get(key);
    if (!lane) return;
    lanes.delete(key);
    lanes.set(key, lane);
  };

  return {
    get size() {
      return size;
    },
    sizeOf: (key) => lanes.get(key)?.size ?? 0,
    add(waiter) {
      const lane = lanes.get(waiter.key);
      if (lane) lane.add(waiter);
      else lanes.set(waiter.key, new Set([waiter]));
      size++;
    },
    remove,
    next(fits) {
      if (!fits(false)) return undefined;
      for (const [key, lane] of lanes) {
        for (const waiter of lane) {
          if (!fits(waiter.stream)) continue;
          remove(waiter);
          toBack(key);
          return waiter;
        }
      }
      return undefined;
    },
    all: () => [...lanes.values()].flatMap((lane) => [...lane]),
  };
};
