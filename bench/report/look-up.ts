import type { Results, Round } from '../results.ts';
import { lineThrough, median, medianRatio } from '../statistics.ts';

export type Measure = (round: Round) => number;

/** Everything that can be asked of results. Undefined: it was not measured. */
export interface LookUp {
  /** The median of a measure over the rounds. */
  value(row: string, scene: string, measure: Measure): number | undefined;
  /** The median of what one row is of another, round by round. */
  ratio(row: string, of: string, scene: string, measure: Measure): number | undefined;
  /** What one chunk and one request cost, by streams of 8 and of 64 chunks. Microseconds a chunk, milliseconds a request. */
  lineOf(row: string, measure: Measure): { chunkUs: number; requestMs: number } | undefined;
}

const FEW = 8;
const MANY = 64;

export const lookUp = ({ cells }: Pick<Results, 'cells'>): LookUp => {
  const roundsOf = (row: string, scene: string): readonly Round[] =>
    cells.find((cell) => cell.row === row && cell.scene === scene)?.rounds ?? [];

  const value: LookUp['value'] = (row, scene, measure) => {
    const rounds = roundsOf(row, scene);
    return rounds.length === 0 ? undefined : median(rounds.map(measure));
  };
  return {
    value,
    ratio(row, of, scene, measure) {
      const [own, other] = [roundsOf(row, scene), roundsOf(of, scene)];
      if (own.length === 0 || other.length === 0) return undefined;
      return medianRatio(own.map(measure), other.map(measure));
    },
    lineOf(row, measure) {
      const few = value(row, `stream-${FEW}`, measure);
      const many = value(row, `stream-${MANY}`, measure);
      if (few === undefined || many === undefined) return undefined;
      const { slope, start } = lineThrough([FEW, few], [MANY, many]);
      return { chunkUs: slope * 1000, requestMs: start };
    },
  };
};

export const throughput: Measure = ({ requestsPerSecond }) => requestsPerSecond;
export const cpuAll: Measure = ({ cpu }) => cpu.all;
export const cpuOwn: Measure = ({ cpu }) => cpu.own;
export const cpuThread: Measure = ({ cpu }) => cpu.thread;
export const firstByte: Measure = (round) => round.firstByte.p50;
export const longestDelay: Measure = ({ delay }) => delay?.max ?? 0;
