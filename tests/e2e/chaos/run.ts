import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Exit, type GatewayProcess, startGateway } from '../../support/gateway.ts';
import { GIVE_UP_MS } from '../../support/give-up.ts';
import { runClients, type Seen } from '../../support/load/client.ts';
import { planClients } from '../../support/load/plan.ts';
import { createProbe, type Held } from '../../support/load/probe.ts';
import { createOtlpReceiver } from '../../support/otlp-receiver.ts';
import { untilGone } from '../../support/until-gone.ts';
import type { Evidence } from './checks.ts';
import { createDisk } from './disk.ts';
import { childrenOf, createFaults } from './faults.ts';
import { CALM, WILD } from './mixes.ts';
import { summarizeMirror } from './records.ts';
import { createSchedule, type Fault } from './schedule.ts';

const NOISY = fileURLToPath(new URL('../../fixtures/backend/noisy.ts', import.meta.url));
const AT_ONCE = 32;
const WORKERS = 3;

export type Health = {
  open_requests: number;
  admission: Record<string, number>;
  backend: { workers: { state: string; active_turns: number; restarts: number }[] };
};

/** How a gateway was found once nothing was to be done any more. */
export type Found = { held: Held; health: Health; children: number[] };

export type ChaosRun = {
  evidence: Evidence;
  /** The requests after the faults. */
  again: readonly Seen[];
  done: readonly Fault[];
  before: Found;
  after: Found;
  exit: Exit;
  /** Processes of the gateway's that are still there after its end. */
  left: number[];
};

const healthOf = async (url: string): Promise<Health> =>
  (await fetch(`${url}/healthz`)).json() as Promise<Health>;

const isQuiet = ({ open_requests, admission, backend }: Health): boolean =>
  open_requests === 0 &&
  Object.values(admission).every((count) => count === 0) &&
  backend.workers.length === WORKERS &&
  backend.workers.every(({ state, active_turns }) => state === 'ready' && active_turns === 0);

/** Looks until nothing is left to do and all workers are there; what it finds after a while is for the test to judge. */
const untilQuiet = async (url: string): Promise<Health> => {
  const until = performance.now() + GIVE_UP_MS;
  for (;;) {
    const health = await healthOf(url);
    if (isQuiet(health) || performance.now() > until) return health;
    await pause(50);
  }
};

/** Those of the processes that do not end. */
const stillThere = async (pids: readonly number[]): Promise<number[]> => {
  const gone = await Promise.all(pids.map((pid) => untilGone(pid)));
  return pids.filter((_, index) => !gone[index]);
};

const settings = (
  seed: number,
  mirrorPath: string,
  collectorUrl: string,
  noiseSign: string,
): Record<string, string> => ({
  PROXY_APP_SERVER_CMD: `${process.execPath} ${NOISY} --word-delay-ms 0 --faults`,
  PROXY_WORKERS: String(WORKERS),
  PROXY_MAX_RESTARTS: '1000',
  PROXY_CONNECT_TIMEOUT_MS: '5000',
  PROXY_FIRST_BYTE_TIMEOUT_MS: '2000',
  PROXY_IDLE_TIMEOUT_MS: '2500',
  PROXY_INTERRUPT_TIMEOUT_MS: '1500',
  PROTO_LOG_PATH: mirrorPath,
  NOISE_SEED: String(seed),
  NOISE_WHILE: noiseSign,
  OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl,
  OTEL_EXPORTER_OTLP_TIMEOUT: '500',
});

/** Whether it serves is asked with few at a time: the deadlines are short, and the machine may have much else to do. */
const FEW_AT_ONCE = 4;

/** Requests before the faults, and after them. */
export const CALM_REQUESTS = { before: 200, after: 50 } as const;

/** Runs the whole of it once. Everything that it starts has ended when it resolves. */
export const runChaos = async (seed: number, requests: number): Promise<ChaosRun> => {
  const directory = await mkdtemp(join(tmpdir(), 'throughline-chaos-'));
  const disk = await createDisk(join(directory, 'disk'));
  const collector = await createOtlpReceiver();
  const noise = join(directory, 'noise');
  const probe = createProbe(directory);
  const faults = createFaults(createSchedule(seed, requests), {
    pid: () => gateway?.pid ?? Number.NaN,
    disk,
    collector,
  });
  let gateway: GatewayProcess | undefined;
  try {
    gateway = await startGateway({ ...settings(seed, disk.path, collector.url, noise), ...probe.env });
    const { url, pid } = gateway;
    const find = async (): Promise<Found> => {
      const health = await untilQuiet(url);
      return { health, held: await probe.look(pid), children: await childrenOf(pid) };
    };
    const warm = await runClients(url, planClients(seed, CALM_REQUESTS.before, CALM, 'warm'), AT_ONCE);
    const before = await find();
    await writeFile(noise, '');
    const seen = await runClients(url, planClients(seed, requests, WILD, 'chaos'), AT_ONCE, ({ index }) =>
      faults.progress(index),
    );
    await rm(noise);
    await faults.end();
    const after = await find();
    const calm = planClients(seed + 1, CALM_REQUESTS.after, CALM, 'again');
    const again = await runClients(url, calm, FEW_AT_ONCE);
    const children = await childrenOf(pid);
    const exit = await gateway.stop();
    const left = await stillThere(children);
    const mirror = await summarizeMirror(disk.path);
    const evidence = {
      seed,
      seen: [...warm, ...seen, ...again],
      usage: await gateway.usage(),
      log: gateway.log,
      mirror,
    };
    return { evidence, again, done: faults.done, before, after, exit, left };
  } finally {
    await faults.end();
    await gateway?.remove();
    await faults.close();
    await disk.remove();
    await rm(directory, { recursive: true, force: true });
  }
};
