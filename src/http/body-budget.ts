import type { Admission, AdmissionLimits, Release } from './admission/admission.ts';

/** The memory that bodies may take together while they are read: before a place is given, nothing else bounds them. */
export interface BodyBudget {
  /** False when there is no room for these bytes. A promise where another process has to be asked: nothing more may be taken for that body before it has settled. */
  take(bytes: number): boolean | Promise<boolean>;
  give(bytes: number): void;
}

const MIB = 1024 * 1024;
/** What all bodies together may take by default. */
export const MAX_BODIES_BYTES = 256 * MIB;

/** The budget of a process that is alone. */
export const createBodyBudget = (maxBytes: number): BodyBudget => {
  let taken = 0;
  return {
    take(bytes) {
      if (taken + bytes > maxBytes) return false;
      taken += bytes;
      return true;
    },
    give(bytes) {
      taken -= bytes;
    },
  };
};

/** Where several processes share it, they lease it in pieces of this size. */
const PIECE_BYTES = MIB;
const PIECES = MAX_BODIES_BYTES / PIECE_BYTES;

/** The pieces that several processes share, as places: whoever finds none is refused at once. */
export const BODY_LIMITS: AdmissionLimits = {
  ...{ maxConcurrency: PIECES, maxStreams: PIECES, maxPerKey: null },
  ...{ queueMax: 0, queueWaitMs: 1 },
};

/** The budget of one process of several. */
export const createLeasedBudget = (pieces: Pick<Admission, 'admit'>): BodyBudget => {
  const leased: Release[] = [];
  const { signal } = new AbortController();
  let taken = 0;

  const fits = (): boolean => taken <= leased.length * PIECE_BYTES;

  const letGo = (): void => {
    while (taken <= (leased.length - 1) * PIECE_BYTES) leased.pop()?.();
  };

  const lease = async (bytes: number): Promise<boolean> => {
    try {
      while (!fits()) leased.push(await pieces.admit({ key: null, stream: false, signal }));
      return true;
    } catch {
      taken -= bytes;
      letGo();
      return false;
    }
  };

  return {
    take(bytes) {
      taken += bytes;
      return fits() || lease(bytes);
    },
    give(bytes) {
      taken -= bytes;
      letGo();
    },
  };
};
