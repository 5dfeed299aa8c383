import { setTimeout as pause } from 'node:timers/promises';
import type { Children } from '../children.ts';
import { readCpu, readRss } from '../machine/proc-stat.ts';
import type { IdleFact, QuietFact } from '../results.ts';
import type { Row } from '../rows.ts';
import { MODEL_ROW, runs } from '../rows.ts';
import { QUIET_STREAMS, type Scene } from '../scenes.ts';
import type { Loader } from './loader.ts';
import { targetOf } from './round.ts';
import { type Running, type Shared, startRow } from './running.ts';

/** Streams of the warm-up, so that what is loaded and compiled once is not counted as theirs. */
const FIRST_STREAMS = 50;
const SETTLE_MS = 500;

const collectedRss = async ({ child }: Running): Promise<number> => {
  await pause(SETTLE_MS);
  await child.ask?.('collect');
  return readRss(child.pid);
};

const measureQuiet = async (loader: Loader, running: Running, scene: Scene): Promise<QuietFact> => {
  const target = targetOf(running, scene);
  await loader.open(target, FIRST_STREAMS);
  await loader.release(running.model);
  const before = await collectedRss(running);
  await loader.open(target, QUIET_STREAMS);
  const during = await collectedRss(running);
  const { wrongCount } = await loader.release(running.model);
  const bytesPerStream = (during - before) / QUIET_STREAMS;
  return { row: running.row.name, streams: QUIET_STREAMS, bytesPerStream, wrongCount };
};

/** Quiet streams on each row, one row at a time and each freshly started: memory that a load has left behind would hide theirs. */
export const measureQuietScene = async (
  deps: { children: Children; shared: Shared; loader: Loader; say: (text: string) => void },
  rows: readonly Row[],
  scene: Scene,
): Promise<QuietFact[]> => {
  const facts: QuietFact[] = [];
  for (const row of rows.filter((each) => runs(each, scene) && each.name !== MODEL_ROW)) {
    deps.say(`${scene.name}: ${row.name}`);
    const running = await startRow(deps.children, deps.shared, row);
    facts.push(await measureQuiet(deps.loader, running, scene));
    await running.child.stop();
  }
  return facts;
};

/** Nothing, on all rows at once. */
export const measureIdleScene = async (rows: readonly Running[], seconds: number): Promise<IdleFact[]> => {
  const look = ({ child }: Running) => Promise.all([readCpu(child.pid), readRss(child.pid)]);
  const before = await Promise.all(rows.map(look));
  await pause(seconds * 1000);
  const after = await Promise.all(rows.map(look));
  return rows.map(({ row }, index) => {
    const [begun, ended] = [before[index], after[index]];
    if (!begun || !ended) throw new Error(`${row.name} was not looked at`);
    const cpuMs = ended[0].all - begun[0].all;
    return { row: row.name, seconds, cpuMs, rssBegin: begun[1], rssEnd: ended[1] };
  });
};
