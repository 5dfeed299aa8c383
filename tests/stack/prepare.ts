/**
 * Gets the programs of the stack test: builds the collector and Jaeger where they are not built yet, and installs Debian's
 * Prometheus where that is missing and may be installed. Says where they are as one JSON line on stdout.
 */
import { cp, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Built, binaryOf, folderOf, isBuilt, RECIPES } from './support/cache.ts';
import { isInstalled, mustRun, run } from './support/run.ts';

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
    // It ends with `go mod tidy`, which wants the modules of tests too, and not every proxy has those. Its sources are enough.
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

const installPrometheus = async (): Promise<void> => {
  if ((await isInstalled('prometheus')) && (await isInstalled('promtool'))) return;
  if (process.getuid?.() !== 0 || !(await isInstalled('apt-get'))) {
    throw new Error('prometheus and promtool are missing: install them (Debian: apt-get install prometheus)');
  }
  say('installing prometheus');
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await mustRun('apt-get', ['update', '-qq'], { env });
  await mustRun('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'prometheus'], { env });
};

const missingGo = async (): Promise<void> => {
  if ((isBuilt('collector') && isBuilt('jaeger')) || (await run('go', ['version']).catch(() => null))) return;
  throw new Error(
    'the collector and Jaeger are not built yet, and there is no Go (1.25 or newer) to build them',
  );
};

try {
  await missingGo();
  await Promise.all([build('collector'), build('jaeger'), installPrometheus()]);
  process.stdout.write(
    `${JSON.stringify({ collector: binaryOf('collector'), jaeger: binaryOf('jaeger') })}\n`,
  );
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
