import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config/index.ts';
import { ROOT } from '../support/source-tree.ts';
import { binaryOf } from './support/cache.ts';
import { COLLECTOR_CONFIG } from './support/collector.ts';
import { findPrometheus } from './support/debian-prometheus.ts';
import { startPrometheus } from './support/prometheus.ts';
import { mustRun } from './support/run.ts';

describe('the files that the parts of the stack read', () => {
  it('are a configuration that the collector takes with no variable set', async () => {
    await mustRun(binaryOf('collector'), ['validate', '--config', COLLECTOR_CONFIG]);
  });

  it('wait for a decision longer than a request may take', async () => {
    const text = await readFile(COLLECTOR_CONFIG, 'utf8');
    const [, seconds] = /decision_wait: \$\{env:TAIL_DECISION_WAIT:-(\d+)s\}/.exec(text) ?? [];
    expect(Number(seconds) * 1000).toBeGreaterThan(readConfig({}).timeoutMs);
  });

  it('are a configuration that Prometheus takes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'throughline-stack-'));
    try {
      const prometheus = await startPrometheus(folder, { spanMetrics: 1, metrics: 2 });
      await prometheus.service.stop();
      const own = join(ROOT, 'prometheus', 'prometheus.yml');
      const paths = [prometheus.configPath, ...(existsSync(own) ? [own] : [])];
      const promtool = (await findPrometheus())?.promtool ?? '';
      for (const path of paths) await mustRun(promtool, ['check', 'config', path]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
