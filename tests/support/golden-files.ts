import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MirrorLine } from '../../src/telemetry/mirror/line.ts';
import { runTrace } from '../cli/run-trace.ts';
import { createLogFolder } from '../timeline/log-folder.ts';
import { fromFixture } from './golden-mirror.ts';
import { type GoldenRun, requestIdsOf } from './golden-run.ts';

const pathOf = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

export const fixturePath = (run: GoldenRun): string => pathOf(`fixtures/mirror/${run}.ndjson`);
export const viewPath = (run: GoldenRun): string => pathOf(`cli/golden/${run}.80.txt`);

export const readFixture = async (run: GoldenRun): Promise<MirrorLine[]> =>
  fromFixture(await readFile(fixturePath(run), 'utf8'));

/** What `throughline trace` prints for the requests of a run. */
export const printRun = async (run: GoldenRun): Promise<string> => {
  const logs = await createLogFolder();
  try {
    await logs.record({ proto: await readFixture(run), usage: [], access: [] });
    const printed: string[] = [];
    for (const reqId of requestIdsOf(run)) {
      const args = ['--req-id', reqId, '--access-log', logs.accessLog];
      printed.push((await runTrace(logs, args, { columns: 80 })).stdout);
    }
    // Its notes name the files that there are none of.
    return printed.join('\n').replaceAll(dirname(logs.protoLog), '.');
  } finally {
    await logs.remove();
  }
};
