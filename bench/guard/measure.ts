import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Child, Children } from '../children.ts';
import type { Start, Surroundings } from '../rows.ts';
import { COUNTED, type Counts, type GuardQuestion } from './counters.ts';
import type { GuardScene } from './scenes.ts';

const COUNT = fileURLToPath(new URL('count.ts', import.meta.url));
/** Enough for the code to be compiled, and for caches to be full. */
const WARM_UP = 200;
const REQUESTS = 100;
const LOOK_MS = 50;
const WRITTEN_MS = 30_000;
/** The mirror is read whole, so it must not rotate. */
const MIRROR_BYTES = String(2 ** 31);
const USAGE = '.throughline/usage.ndjson';
const OF_OURS = '"service":"throughline"';
const SERVER = '"span_kind":"SERVER"';

/** Sends requests one after the other, and reads each answer to its end. */
export const send = async (url: string, { body }: GuardScene, requests: number): Promise<void> => {
  for (let sent = 0; sent < requests; sent++) {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`the gateway answered ${response.status}: ${text}`);
  }
};

const linesOf = async (path: string): Promise<string[]> =>
  (await readFile(path, 'utf8').catch(() => '')).split('\n').filter(Boolean);

interface Written {
  readonly lines: number;
  readonly bytes: number;
  readonly spans: number;
}

/** Waits until the mirror has all lines of so many requests. */
export const untilWritten = async (folder: string, mirror: string, requests: number): Promise<Written> => {
  for (const begun = performance.now(); performance.now() - begun < WRITTEN_MS; await pause(LOOK_MS)) {
    const all = await linesOf(join(folder, mirror));
    const usage = await linesOf(join(folder, USAGE));
    const lines = all.filter((line) => !line.startsWith('{"v":1,"type":"span"') || line.includes(OF_OURS));
    const spans = lines.filter((line) => line.startsWith('{"v":1,"type":"span"'));
    const servers = spans.filter((line) => line.includes(SERVER));
    if (usage.length < requests || servers.length < requests) continue;
    const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
    return { lines: lines.length, bytes, spans: spans.length };
  }
  throw new Error(`after ${WRITTEN_MS} ms the mirror has not all lines of ${requests} requests`);
};

interface Look {
  readonly counts: Counts;
  readonly written: Written;
}

const rounded = (value: number): number => (value < 100 ? Math.round(value * 10) / 10 : Math.round(value));

const costsOf = (before: Look, after: Look): Record<string, number> => {
  const each = (from: number, to: number): number => rounded((to - from) / REQUESTS);
  const counted = COUNTED.map((name) => [
    `${name}, requests' thread`,
    each(before.counts[name], after.counts[name]),
  ]);
  return {
    ...Object.fromEntries(counted),
    "allocated bytes, requests' thread": each(0, after.counts.allocated),
    spans: each(before.written.spans, after.written.spans),
    'mirror lines': each(before.written.lines, after.written.lines),
    'mirror bytes': each(before.written.bytes, after.written.bytes),
  };
};

const look = async (
  { exchange, folder }: Child,
  question: GuardQuestion,
  mirror: string,
  requests: number,
): Promise<Look> => {
  const written = await untilWritten(folder, mirror, requests);
  return { counts: (await exchange(question)) as Counts, written };
};

/** How the gateway of a scene is started. */
export const startOf = ({ row }: GuardScene, surroundings: Surroundings): Start => {
  const start = row.start(surroundings);
  return { ...start, env: { ...start.env, PROXY_MIRROR_MAX_BYTES: MIRROR_BYTES } };
};

/** Starts a gateway, and counts what a request of the scene costs it. */
export const measureScene = async (
  children: Children,
  surroundings: Surroundings,
  scene: GuardScene,
): Promise<Record<string, number>> => {
  const gateway = await children.start({
    ...startOf(scene, surroundings),
    preload: { module: COUNT, flags: [] },
  });
  const mirror = scene.row.mirror ?? '';
  await send(gateway.url, scene, WARM_UP);
  const before = await look(gateway, 'begin', mirror, WARM_UP);
  await send(gateway.url, scene, REQUESTS);
  const after = await look(gateway, 'end', mirror, WARM_UP + REQUESTS);
  await gateway.stop();
  return costsOf(before, after);
};
