import type { Admission, Release, Wish } from './admission.ts';

/** The one place that a request may have: taken at most once, and given back when the request is over. */
export interface BackendPlace {
  /** Rejects as `Admission.admit` does. */
  take(wish: Wish): Promise<void>;
  /** For the end of the request, whether it has a place or not. */
  release(): void;
}

export const createPlace = (admission: Admission): BackendPlace => {
  let release: Release | undefined;
  return {
    async take(wish) {
      release ??= await admission.admit(wish);
    },
    release: () => release?.(),
  };
};
