import type { RawLine } from './read-ndjson.ts';

/** Counts lines that could not be used, and remembers where the first few stand. */
export interface SkippedLines {
  torn(line: RawLine): void;
  newer(line: RawLine): void;
  /** A sentence a file and reason. */
  sentences(): string[];
}

interface Tally {
  readonly path: string;
  count: number;
  readonly numbers: number[];
}

const NAMED = 3;

const plural = (count: number): string => (count === 1 ? 'line' : 'lines');

const where = ({ path, count, numbers }: Tally): string => {
  const more = count > numbers.length ? ` and ${count - numbers.length} more` : '';
  return `${path} (${plural(count)} ${numbers.join(', ')}${more})`;
};

const createTallies = () => {
  const tallies = new Map<string, Tally>();
  return {
    add({ path, number }: RawLine): void {
      const tally = tallies.get(path) ?? { path, count: 0, numbers: [] };
      tallies.set(path, tally);
      tally.count++;
      if (tally.numbers.length < NAMED) tally.numbers.push(number);
    },
    map: (toSentence: (tally: Tally) => string): string[] => [...tallies.values()].map(toSentence),
  };
};

export const createSkippedLines = (): SkippedLines => {
  const torn = createTallies();
  const newer = createTallies();
  return {
    torn: torn.add,
    newer: newer.add,
    sentences: () => [
      ...torn.map((tally) => `${tally.count} torn ${plural(tally.count)} skipped in ${where(tally)}`),
      ...newer.map(
        (tally) =>
          `${tally.count} ${plural(tally.count)} of a newer version skipped in ${where(tally)}: read them with a newer throughline`,
      ),
    ],
  };
};
