import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CACHE } from './cache.ts';
import { isInstalled, mustRun, run } from './run.ts';

export type PrometheusProgram = 'prometheus' | 'promtool';

const FOLDER = join(CACHE, `debian-prometheus-${process.arch}`);
const programIn = (folder: string, name: PrometheusProgram): string => join(folder, 'usr', 'bin', name);

const runs = async (fileOf: (name: PrometheusProgram) => string): Promise<boolean> =>
  (await isInstalled(fileOf('prometheus'))) && (await isInstalled(fileOf('promtool')));

/** Where Prometheus's programs are: as they are installed, or else as they were unpacked into the cache. */
export const findPrometheus = async (): Promise<Record<PrometheusProgram, string> | null> => {
  for (const fileOf of [
    (name: PrometheusProgram) => name,
    (name: PrometheusProgram) => programIn(FOLDER, name),
  ]) {
    if (await runs(fileOf)) return { prometheus: fileOf('prometheus'), promtool: fileOf('promtool') };
  }
  return null;
};

const download = async (cwd: string): Promise<void> => {
  const call = ['apt-get', ['download', '-qq', 'prometheus'], { cwd }] as const;
  if ((await run(...call)).code === 0) return;
  // The lists of packages are missing or old; only root may renew them.
  await mustRun('apt-get', ['update', '-qq']);
  await mustRun(...call);
};

/**
 * Unpacks Debian's package into the cache, without installing it: that would start a Prometheus of the system's, on port 9090, where there is a
 * service manager.
 */
export const unpackPrometheus = async (): Promise<void> => {
  const missing = 'prometheus and promtool are missing: put them on the PATH';
  if (!(await isInstalled('apt-get')) || !(await isInstalled('dpkg'))) throw new Error(missing);
  await mkdir(CACHE, { recursive: true });
  const work = await mkdtemp(`${FOLDER}.`);
  try {
    await download(work);
    await mustRun('sh', ['-c', 'dpkg -x prometheus_*.deb out'], { cwd: work });
    const out = join(work, 'out');
    // What it is linked with is not unpacked with it.
    if (!(await runs((name) => programIn(out, name))))
      throw new Error(`${missing}; Debian's do not run here`);
    await rm(FOLDER, { recursive: true, force: true });
    await rename(out, FOLDER);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
};
