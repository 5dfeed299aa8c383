import { setTimeout as pause } from 'node:timers/promises';
import type { LoadResult, Target } from '../load/messages.ts';
import { type Cpu, cpuBetween, readCpu } from '../machine/proc-stat.ts';
import type { Delay } from '../probe-messages.ts';
import type { Round } from '../results.ts';
import { type Row, SETTLE_MS } from '../rows.ts';
import type { Scene } from '../scenes.ts';
import type { Loader } from './loader.ts';
import type { Running } from './running.ts';

const CLOSE_MS = 50;

export const targetOf = ({ row, child, model }: Running, scene: Scene): Target => ({
  url: child.url,
  headers: row.headers?.({ model }) ?? {},
  model: row.model,
  check: row.check,
  scene: scene.name,
});

/** Until a row has done what a round has left it to do. */
const settle = ({ exports }: Row): Promise<void> => pause(exports ? SETTLE_MS : CLOSE_MS);

const perRequest = (cpu: Cpu, requests: number): Cpu => ({
  thread: cpu.thread / requests,
  own: cpu.own / requests,
  all: cpu.all / requests,
});

const toRound = (result: LoadResult, cpu: Cpu, delay: Delay | null): Round => ({
  requestsPerSecond: result.requests / result.seconds,
  latency: result.latency,
  firstByte: result.firstByte,
  cpu: perRequest(cpu, Math.max(1, result.requests)),
  delay,
});

/** Loads a row once, and says what came of it. */
export const measureRound = async (
  loader: Loader,
  running: Running,
  scene: Scene,
  ms: number,
): Promise<{ round: Round; result: LoadResult }> => {
  const { child, row } = running;
  const before = await readCpu(child.pid);
  await child.ask?.('begin');
  const result = await loader.run(targetOf(running, scene), ms);
  const delay = (await child.ask?.('end'))?.delay ?? null;
  await settle(row);
  const cpu = cpuBetween(before, await readCpu(child.pid));
  return { round: toRound(result, cpu, delay), result };
};
