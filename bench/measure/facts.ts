import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readRss } from '../machine/proc-stat.ts';
import { followLag } from '../mirror/lag.ts';
import { countMirror } from '../mirror/lost.ts';
import type { RowFacts } from '../results.ts';
import { SETTLE_MS } from '../rows.ts';
import type { Scene } from '../scenes.ts';
import { percentile } from '../statistics.ts';
import type { Loader } from './loader.ts';
import { targetOf } from './round.ts';
import type { Running } from './running.ts';

/** Percentiles of fewer looks would be chance. */
const LAG_MS = 2_000;

const mirrorOf = ({ row, child }: Running): string | null =>
  row.mirror === null ? null : join(child.folder, row.mirror);

/** A load of its own, since whoever follows a file needs processor time as well. */
const measureLag = async (loader: Loader, running: Running, scene: Scene, ms: number) => {
  const path = mirrorOf(running);
  if (path === null) return null;
  const over = new AbortController();
  const following = followLag(path, over.signal);
  await loader.run(targetOf(running, scene), Math.max(ms, LAG_MS));
  over.abort();
  const lags = await following;
  return { p50: percentile(lags, 50), p99: percentile(lags, 99), max: percentile(lags, 100) };
};

/** What is left to know of a row at its end; then it is stopped, and its mirror counted. */
export const endRow = async (
  loader: Loader,
  running: Running,
  scene: Scene,
  ms: number,
): Promise<RowFacts> => {
  const { row, child, rssReady } = running;
  const lag = await measureLag(loader, running, scene, ms);
  if (row.exports) await pause(SETTLE_MS);
  const rssEnd = await readRss(child.pid);
  const path = mirrorOf(running);
  const mirror = path === null ? null : await countMirror(path);
  return { row: row.name, readyMs: child.readyMs, rssReady, rssEnd, lag, mirror };
};
