import type { Release } from './admission.ts';

/** The places that requests have. */
export interface Occupied {
  readonly running: number;
  readonly streams: number;
  /** Takes a place; it is given back once, however often that is asked for, and `onFree` is called then. */
  occupy(stream: boolean, onFree: () => void): Release;
}

export const createOccupied = (): Occupied => {
  let running = 0;
  let streams = 0;
  return {
    get running() {
      return running;
    },
    get streams() {
      return streams;
    },
    occupy(stream, onFree) {
      running++;
      streams += Number(stream);
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        running--;
        streams -= Number(stream);
        onFree();
      };
    },
  };
};
