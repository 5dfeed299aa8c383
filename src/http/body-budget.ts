/** The memory that bodies may take together while they are read: before a place is given, nothing else bounds them. */
export interface BodyBudget {
  /** False when there is no room for these bytes. */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

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
