/** How many letters must change, go or come to make one word of the other; two neighbours that changed places count as one. */
const distance = (from: string, to: string): number => {
  let before: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (before[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [before, last] = [last, current];
  }
  return last[to.length] ?? 0;
};

/** What a word of a stranger's may have in letters; what is longer is no misspelling of ours. */
const MAX_CHARS = 64;

/** The known word that somebody may have meant; null where none is near, a third of its letters at most. */
export const nearest = (word: string, known: readonly string[]): string | null => {
  if (word.length > MAX_CHARS) return null;
  const [best] = known
    .map((candidate) => ({ candidate, letters: distance(word, candidate) }))
    .filter(({ candidate, letters }) => letters <= Math.min(4, candidate.length / 3))
    .sort((a, b) => a.letters - b.letters);
  return best?.candidate ?? null;
};
