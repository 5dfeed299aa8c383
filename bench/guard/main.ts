import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { createChildren } from '../children.ts';
import { createProgress } from '../progress.ts';
import type { Start } from '../rows.ts';
import { type Costs, compare, render } from './budget.ts';
import { measureScene } from './measure.ts';
import { GUARD_SCENES } from './scenes.ts';

const BUDGET = new URL('budget.json', import.meta.url);

const HELP = `Usage: npm run guard [-- --write]

Counts what a request costs the gateway: calls, promises, timers, allocated bytes, spans, mirror lines. Counts do not depend on how busy
the machine is. Each is compared with bench/guard/budget.json, ten percent around it.

  --write  writes the counts as the new budget

Exit code: 0 within the budget, 1 outside of it, 2 a wrong call.
`;

const server = (path: string): Start => ({
  command: [process.execPath, new URL(path, import.meta.url).pathname],
  env: {},
  port: null,
});

const measureAll = async (): Promise<Costs> => {
  const children = createChildren();
  const progress = createProgress(process.stderr);
  try {
    const model = await children.start(server('../servers/model.ts'));
    const sink = await children.start(server('../servers/sink.ts'));
    const costs: Record<string, Record<string, number>> = {};
    for (const scene of GUARD_SCENES) {
      progress.say(`counting: ${scene.name}`);
      costs[scene.name] = await measureScene(
        children,
        { model: model.url, sink: sink.url, port: 0, folder: '' },
        scene,
      );
    }
    return costs;
  } finally {
    progress.end();
    await children.stopAll();
  }
};

const guard = async (): Promise<number> => {
  const { values } = parseArgs({ options: { write: { type: 'boolean' }, help: { type: 'boolean' } } });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const measured = await measureAll();
  if (values.write) {
    await writeFile(BUDGET, `${JSON.stringify(measured, null, 2)}\n`);
    return 0;
  }
  const compared = compare(JSON.parse(await readFile(BUDGET, 'utf8')) as Costs, measured);
  process.stdout.write(`${render(compared)}\n`);
  return compared.every(({ verdict }) => verdict === 'kept') ? 0 : 1;
};

const main = async (): Promise<number> => {
  try {
    return await guard();
  } catch (thrown) {
    const isWrongCall = (thrown as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS');
    process.stderr.write(
      `guard: ${thrown instanceof Error ? thrown.message : thrown}\n${isWrongCall ? HELP : ''}`,
    );
    return isWrongCall ? 2 : 1;
  }
};

process.exitCode = await main();
