import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setInterval } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { createProbe, type Probe } from '../support/load/probe.ts';
import { createLoad, type Load } from './load.ts';
import { createProgress } from './progress.ts';
import { createReport, LIMITS, type Report, renderReport, type Sample } from './report.ts';

const SAMPLE_MS = 10_000;

const HELP = `Usage: npm run soak -- [--minutes 30] [--seed 1] [--rate 10]

Runs a real gateway with the embedded app-server under a mixed load (streamed and plain answers, tools, slow clients, clients that
leave, refusals, failing and silent models, a crash now and then), and reports what it holds: a line each ten seconds and a table
on stderr, the same report as JSON on stdout. docs/soak.md has the figures of a run.

  --minutes N   how long (default 30)
  --seed N      which clients (default 1); the same seed makes the same requests
  --rate N      requests a second (default 10)

Exit code: 0 no leak, 1 a leak, 2 a wrong call. A leak is a median of the last quarter of the run above that of the second quarter by more
than ${LIMITS.liveHeapMiB} MiB of heap after a collection, ${LIMITS.rssMiB} MiB of resident memory or ${LIMITS.descriptors} descriptors; or a request without exactly one usage record, a place or a
turn that is not given back, or an end of the gateway that is not in order.
`;

type Options = { minutes: number; seed: number; rate: number };

/** Null for a wrong call. */
const readOptions = (args: string[]): Options | 'help' | null => {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({
      args,
      options: { minutes: text, seed: text, rate: text, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help) return 'help';
    const options = {
      minutes: Number(values.minutes ?? 30),
      seed: Number(values.seed ?? 1),
      rate: Number(values.rate ?? 10),
    };
    const isRight = options.minutes > 0 && options.rate > 0 && Number.isSafeInteger(options.seed);
    return isRight ? options : null;
  } catch {
    return null;
  }
};

const SETTINGS = {
  PROXY_WORKERS: '2',
  PROXY_MAX_RESTARTS: '10000',
  PROXY_FIRST_BYTE_TIMEOUT_MS: '3000',
  PROXY_IDLE_TIMEOUT_MS: '2000',
  PROXY_INTERRUPT_TIMEOUT_MS: '2000',
};

/** Looks into the gateway each ten seconds, as long as the load runs. */
const sample = async (
  gateway: GatewayProcess,
  probe: Probe,
  load: Load,
  { minutes, rate, seed }: Options,
): Promise<Sample[]> => {
  const samples: Sample[] = [];
  const begunAt = performance.now();
  const progress = createProgress(process.stderr, minutes * 60);
  process.stderr.write(`${minutes} minutes, ${rate} requests a second, seed ${seed}\n`);
  const take = async (): Promise<void> => {
    const seconds = (performance.now() - begunAt) / 1000;
    const taken = { seconds, requests: load.sent, held: await probe.look(gateway.pid) };
    samples.push(taken);
    progress.show(taken);
  };
  const over = new AbortController();
  const running = load.run(begunAt + minutes * 60_000).finally(() => over.abort());
  try {
    for await (const _ of setInterval(SAMPLE_MS, undefined, { signal: over.signal })) await take();
  } catch (thrown) {
    if (!over.signal.aborted) throw thrown;
  }
  await running;
  await take();
  progress.end();
  return samples;
};

/** What is wrong once all requests have ended. */
const leftovers = async (gateway: GatewayProcess, sent: number): Promise<string[]> => {
  const health = (await (await fetch(`${gateway.url}/healthz`)).json()) as {
    open_requests: number;
    admission: Record<string, number>;
  };
  const kept = health.open_requests + Object.values(health.admission).reduce((sum, count) => sum + count, 0);
  const { code, signal } = await gateway.stop();
  const records = await gateway.usage();
  const distinct = new Set(records.map(({ req_id }) => req_id)).size;
  return [
    ...(kept > 0 ? [`${JSON.stringify(health)} is left`] : []),
    ...(code === 0 ? [] : [`the gateway ended with ${code ?? signal}`]),
    ...(records.length === sent && distinct === sent
      ? []
      : [`${records.length} records of ${distinct} requests, ${sent} sent`]),
  ];
};

const soak = async (options: Options): Promise<Report> => {
  const directory = await mkdtemp(join(tmpdir(), 'throughline-soak-'));
  const probe = createProbe(directory);
  const gateway = await startGateway({ ...SETTINGS, ...probe.env });
  try {
    const load = createLoad(gateway.url, options.seed, options.rate);
    const samples = await sample(gateway, probe, load, options);
    const outcomes = Object.fromEntries([...load.outcomes].sort(([, a], [, b]) => b - a));
    const leaks = [...load.problems, ...(await leftovers(gateway, load.sent))];
    const { seed, minutes } = options;
    return createReport(samples, { seed, minutes, requests: load.sent, outcomes, leaks });
  } finally {
    await gateway.remove();
    await rm(directory, { recursive: true, force: true });
  }
};

const main = async (): Promise<number> => {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  if (options === null) {
    process.stderr.write(HELP);
    return 2;
  }
  const report = await soak(options);
  process.stderr.write(`\n${renderReport(report)}`);
  process.stdout.write(`${JSON.stringify(report)}\n`);
  return report.leaks.length === 0 ? 0 : 1;
};

process.exitCode = await main();
