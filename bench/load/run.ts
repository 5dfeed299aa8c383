import { Pool } from 'undici';
import { bodyOf, type Scene, sceneOf } from '../scenes.ts';
import { percentile } from '../statistics.ts';
import { createCheck } from './check.ts';
import type { LoadResult, Target, Times } from './messages.ts';
import { type Answer, send } from './send.ts';

const MAX_TOLD = 3;

const poolOf = (url: string, connections: number): Pool =>
  new Pool(url, { connections, pipelining: 1, headersTimeout: 60_000, bodyTimeout: 60_000 });

const optionsOf = (target: Target, scene: Scene) => ({
  method: 'POST' as const,
  path: '/v1/chat/completions',
  headers: { 'content-type': 'application/json', ...target.headers },
  body: Buffer.from(bodyOf(scene, target.model)),
});

const timesOf = (values: readonly number[]): Times => ({
  p50: percentile(values, 50),
  p99: percentile(values, 99),
});

/** Takes answers, and says in the end how they were. */
const createTally = (target: Target, scene: Scene) => {
  const check = createCheck(scene, target.check);
  const latencies: number[] = [];
  const firstBytes: number[] = [];
  const wrong: string[] = [];
  let wrongCount = 0;
  const note = (problem: string): void => {
    wrongCount++;
    if (wrong.length < MAX_TOLD) wrong.push(problem);
  };
  return {
    take({ status, body, firstByteMs, ms }: Answer): void {
      latencies.push(ms);
      firstBytes.push(firstByteMs);
      const problem = check(status, body);
      if (problem !== null) note(problem);
    },
    note,
    result: (seconds: number): LoadResult => ({
      requests: latencies.length,
      seconds,
      latency: timesOf(latencies),
      firstByte: timesOf(firstBytes),
      wrong,
      wrongCount,
    }),
  };
};

/** A fixed number of clients, each with one request at a time, until the time is over; the last answers are waited for. */
export const runLoad = async (target: Target, ms: number): Promise<LoadResult> => {
  const scene = sceneOf(target.scene);
  const pool = poolOf(target.url, scene.clients);
  const options = optionsOf(target, scene);
  const tally = createTally(target, scene);
  const begun = performance.now();
  const client = async (): Promise<void> => {
    do {
      await send(pool, options).then(tally.take, (thrown: unknown) => tally.note(String(thrown)));
    } while (performance.now() - begun < ms);
  };
  await Promise.all(Array.from({ length: scene.clients }, client));
  const seconds = (performance.now() - begun) / 1000;
  await pool.close();
  return tally.result(seconds);
};

/** Streams that are open, each with its first byte there. */
export interface OpenStreams {
  /** Resolves when all have ended. */
  readonly ended: Promise<LoadResult>;
}

export const openStreams = async (target: Target, count: number): Promise<OpenStreams> => {
  const scene = sceneOf(target.scene);
  const pool = poolOf(target.url, count);
  const options = optionsOf(target, scene);
  const tally = createTally(target, scene);
  const begun = performance.now();
  const opened = Promise.withResolvers<void>();
  let first = 0;
  const onFirst = (): void => {
    if (++first === count) opened.resolve();
  };
  const fail = (thrown: unknown): void => {
    tally.note(String(thrown));
    opened.reject(thrown);
  };
  const all = Array.from({ length: count }, () => send(pool, options, onFirst).then(tally.take, fail));
  const ended = Promise.all(all).then(async () => {
    await pool.close();
    return tally.result((performance.now() - begun) / 1000);
  });
  const early = ended.then(() => Promise.reject(new Error('the streams ended before all were open')));
  early.catch(() => undefined);
  await Promise.race([opened.promise, early]);
  return { ended };
};
