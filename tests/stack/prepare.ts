/**
 * Gets the programs of the stack test: builds the collector and Jaeger where they are not built yet, and unpacks Debian's
 * Prometheus where none is installed. Says where they are as one JSON line on stdout. Gets nothing for a stack that runs already.
 */
import { cp, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Built, binaryOf, folderOf, isBuilt, RECIPES } from './support/cache.ts';
import { findPrometheus, unpackPrometheus } from './support/debian-prometheus.ts';
import { mustRun, run } from './support/run.ts';
import { runningStack } from './support/running-stack.ts';

const BUILDER = 'go.opentelemetry.io/collector/cmd/builder@v0.155.0';
const JAEGER = 'github.com/jaegertracing/jaeger/cmd/all-in-one';

const say = (text: string): void => void process.stderr.write(`stack: ${text}\n`);

/** `-mod=mod` lets Go write the go.sum that is not there; a program without C runs in any image. */
const goBuild = (cwd: string, name: Built, what: string): Promise<string> =>
  mustRun(
    'go',
    ['build', '-mod=mod', '-buildvcs=false', '-trimpath', '-ldflags', '-s -w', '-o', join(cwd, name), what],
    { cwd: name === 'collector' ? join(cwd, 'out') : cwd, env: { CGO_ENABLED: '0', GOFLAGS: '' } },
  );

const BUILD: Readonly<Record<Built, (cwd: string) => Promise<string>>> = {
  async collector(cwd) {
    const sources = ['run', BUILDER, '--config', 'builder.yaml', '--skip-compilation'];
    // It ends with `go mod tidy`, which wants the modules of tests too, and some of those cannot be had. Its sources are enough.
    const { output } = await run('go', sources, { cwd, env: { GOFLAGS: '' } });
    if (!(await stat(join(cwd, 'out', 'go.mod')).catch(() => null))) throw new Error(output);
    return goBuild(cwd, 'collector', '.');
  },
  jaeger: (cwd) => goBuild(cwd, 'jaeger', JAEGER),
};

/** Builds beside its place and moves there in one step: a build that is cut off leaves no half of a program. */
const build = async (name: Built): Promise<void> => {
  if (isBuilt(name)) return;
  const folder = folderOf(name);
  const started = Date.now();
  say(`building ${name} from Go modules, once; this takes minutes`);
  await mkdir(dirname(folder), { recursive: true });
  const work = await mkdtemp(`${folder}.`);
  try {
    await cp(join(RECIPES, name), work, { recursive: true });
    await BUILD[name](work);
    await mkdir(folder, { recursive: true });
    await rename(join(work, name), binaryOf(name));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  say(`${name} is built (${Math.round((Date.now() - started) / 1000)} s)`);
};

const getPrometheus = async (): Promise<void> => {
  if (await findPrometheus()) return;
  say("unpacking Debian's prometheus");
  await unpackPrometheus();
};

const missingGo = async (): Promise<void> => {
  if ((isBuilt('collector') && isBuilt('jaeger')) || (await run('go', ['version']).catch(() => null))) return;
  throw new Error(
    'the collector and Jaeger are not built yet, and there is no Go (1.25 or newer) to build them',
  );
};

const getAll = async (): Promise<void> => {
  await missingGo();
  await Promise.all([build('collector'), build('jaeger'), getPrometheus()]);
  const prometheus = await findPrometheus();
  const programs = { collector: binaryOf('collector'), jaeger: binaryOf('jaeger'), ...prometheus };
  process.stdout.write(`${JSON.stringify(programs)}\n`);
};

try {
  const running = runningStack();
  if (running) say(`nothing to get: the stack at ${running.otlpUrl} is asked`);
  else await getAll();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
