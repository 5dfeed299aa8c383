import type { Random } from './random.ts';

/** Bytes that mean something to a reader of lines of JSON. */
const SPECIAL = Buffer.from('\n\r{}[]":,\\0-e \u0000');

const damage = (random: Random, bytes: Buffer): Buffer => {
  const at = random.below(bytes.length + 1);
  switch (random.below(6)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return bytes.subarray(at);
    case 2: {
      const flipped = Buffer.from(bytes);
      if (at < flipped.length) flipped[at] = random.below(256);
      return flipped;
    }
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(random.below(bytes.length + 1))]);
    case 4: {
      const special = SPECIAL.subarray(random.below(SPECIAL.length));
      return Buffer.concat([bytes.subarray(0, at), special.subarray(0, 1), bytes.subarray(at)]);
    }
    default:
      return Buffer.concat([bytes, bytes.subarray(0, at)]);
  }
};

/** The bytes, damaged up to three times, or not at all: cut, flipped, doubled, with a byte too many. */
export const mutate = (random: Random, bytes: Buffer): Buffer => {
  let mutated = bytes;
  for (let times = random.below(4); times > 0; times--) mutated = damage(random, mutated);
  return mutated;
};
