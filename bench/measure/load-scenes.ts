import type { LoadResult } from '../load/messages.ts';
import type { Cell, Round } from '../results.ts';
import { runs } from '../rows.ts';
import type { Scene } from '../scenes.ts';
import type { Loader } from './loader.ts';
import { measureRound, targetOf } from './round.ts';
import type { Running } from './running.ts';

export interface Pace {
  readonly rounds: number;
  readonly roundMs: number;
  readonly warmUpMs: number;
  /** Of a row that has not had any load yet. */
  readonly firstWarmUpMs: number;
}

const MAX_TOLD = 3;

const createCell = (row: string, scene: string) => {
  const rounds: Round[] = [];
  const wrong: string[] = [];
  let requests = 0;
  let wrongCount = 0;
  return {
    check(result: LoadResult): void {
      requests += result.requests;
      wrongCount += result.wrongCount;
      wrong.push(...result.wrong.slice(0, MAX_TOLD - wrong.length));
    },
    add: (round: Round): void => void rounds.push(round),
    result: (): Cell => ({ row, scene, rounds, requests, wrongCount, wrong }),
  };
};

/** One scene on all rows: each is warmed up, then all take their rounds in turn, A B A B. */
export const measureScene = async (
  loader: Loader,
  rows: readonly Running[],
  scene: Scene,
  { rounds, roundMs, warmUpMs }: Pace,
  say: (text: string) => void,
): Promise<Cell[]> => {
  const entries = rows
    .filter(({ row }) => runs(row, scene))
    .map((running) => ({ running, cell: createCell(running.row.name, scene.name) }));
  for (const { running, cell } of entries) {
    say(`${scene.name}: warming up ${running.row.name}`);
    cell.check(await loader.run(targetOf(running, scene), warmUpMs));
  }
  for (let count = 1; count <= rounds; count++) {
    for (const { running, cell } of entries) {
      say(`${scene.name}: round ${count} of ${rounds}, ${running.row.name}`);
      const { round, result } = await measureRound(loader, running, scene, roundMs);
      cell.check(result);
      cell.add(round);
    }
  }
  return entries.map(({ cell }) => cell.result());
};
