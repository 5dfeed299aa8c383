/** Numbers that look random and are the same in every run: a failure can be repeated by its seed. */
export type Random = {
  /** A whole number from 0 up to and without `limit`. */
  below(limit: number): number;
  pick<T>(choices: readonly [T, ...T[]]): T;
  /** Half of the bytes come from `favourites`, so that what is special comes often. */
  bytes(length: number, favourites: readonly number[]): Buffer;
};

/** mulberry32 */
export const createRandom = (seed: number): Random => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    pick: (choices) => choices[below(choices.length)] ?? choices[0],
    bytes: (length, favourites) =>
      Buffer.from(
        Array.from({ length }, () =>
          next() < 0.5 ? (favourites[below(favourites.length)] ?? 0) : below(256),
        ),
      ),
  };
};
