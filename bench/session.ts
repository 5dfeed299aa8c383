import type { Children } from './children.ts';
import { describeMachine } from './machine/describe.ts';
import { endRow } from './measure/facts.ts';
import { measureScene } from './measure/load-scenes.ts';
import type { Loader } from './measure/loader.ts';
import { targetOf } from './measure/round.ts';
import { type Running, type Shared, startRow, startShared } from './measure/running.ts';
import { measureIdleScene, measureQuietScene } from './measure/special-scenes.ts';
import { IDLE_SECONDS, type Options } from './options.ts';
import { preparePeer } from './peers.ts';
import type { Cell, IdleFact, QuietFact, Results, RowFacts } from './results.ts';
import { MODEL_ROW, type Row } from './rows.ts';
import { sceneOf } from './scenes.ts';

export interface SessionDeps {
  readonly children: Children;
  readonly loader: Loader;
  readonly say: (text: string) => void;
}

/** The load under which the way of an event to its file is measured. */
const LAG_SCENE = 'stream-64';

/** The rows that can be run here, and why the others cannot. */
const prepare = async (
  rows: readonly Row[],
  say: (text: string) => void,
): Promise<{ ready: Row[]; notes: string[] }> => {
  const ready: Row[] = [];
  const notes: string[] = [];
  for (const row of rows) {
    say(`preparing: ${row.name}`);
    const problem = await preparePeer(row.name);
    if (problem === null) ready.push(row);
    else notes.push(`${row.title} is left out, it could not be installed: ${problem}`);
  }
  return { ready, notes };
};

const startAll = async (
  { children, say }: SessionDeps,
  shared: Shared,
  rows: readonly Row[],
): Promise<Running[]> => {
  const running: Running[] = [];
  for (const row of rows) {
    say(`starting: ${row.name}`);
    running.push(await startRow(children, shared, row));
  }
  return running;
};

const runLoads = async (
  deps: SessionDeps,
  shared: Shared,
  rows: readonly Row[],
  { scenes, pace }: Options,
): Promise<{ cells: Cell[]; facts: RowFacts[]; idle: IdleFact[] }> => {
  const running = await startAll(deps, shared, rows);
  const cells: Cell[] = [];
  let idle: IdleFact[] = [];
  if (scenes.some(({ kind }) => kind === 'idle')) {
    deps.say(`idle: ${IDLE_SECONDS} s`);
    idle = await measureIdleScene(running, IDLE_SECONDS);
  }
  const lagScene = sceneOf(LAG_SCENE);
  for (const each of running) {
    deps.say(`warming up: ${each.row.name}`);
    await deps.loader.run(targetOf(each, lagScene), pace.firstWarmUpMs);
  }
  for (const scene of scenes.filter(({ kind }) => kind === 'load'))
    cells.push(...(await measureScene(deps.loader, running, scene, pace, deps.say)));
  const facts: RowFacts[] = [];
  for (const each of running) {
    deps.say(`files: ${each.row.name}`);
    facts.push(await endRow(deps.loader, each, lagScene, pace.roundMs));
    if (each.row.name !== MODEL_ROW) await each.child.stop();
  }
  return { cells, facts, idle };
};

const countExported = async ({ sink }: Shared): Promise<Results['exported']> =>
  (await (await fetch(sink.url)).json()) as Results['exported'];

/** Measures everything that is asked for. Rejects where a process fails. */
export const runSession = async (deps: SessionDeps, options: Options): Promise<Results> => {
  const { ready, notes } = await prepare(options.rows, deps.say);
  const shared = await startShared(deps.children);
  const quiet: QuietFact[] = [];
  for (const scene of options.scenes.filter(({ kind }) => kind === 'quiet'))
    quiet.push(...(await measureQuietScene({ ...deps, shared }, ready, scene)));
  const { cells, facts, idle } = await runLoads(deps, shared, ready, options);
  return {
    machine: describeMachine(),
    rounds: options.pace.rounds,
    roundMs: options.pace.roundMs,
    cells,
    rows: facts,
    quiet,
    idle,
    exported: await countExported(shared),
    notes,
  };
};
