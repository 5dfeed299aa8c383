import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { createChildren } from '../children.ts';
import { createProgress } from '../progress.ts';
import type { Start } from '../rows.ts';
import { type Costs, compare, isGood, render, renew } from './budget.ts';
import { countInstructions, INSTRUCTIONS } from './instructions.ts';
import { measureScene } from './measure.ts';
import { GUARD_SCENES, TRACED_SCENES } from './scenes.ts';
import { canTrace, measureSyscalls, SYSCALLS } from './syscalls.ts';

const BUDGET = new URL('budget.json', import.meta.url);

const HELP = `Usage: npm run guard [-- --write]

Counts what a request costs the gateway: calls, promises, timers, allocated bytes, spans, mirror lines; system calls where strace may
trace, instructions where valgrind is installed. Counts do not depend on how busy the machine is. Each is compared with
bench/guard/budget.json, ten percent around it.

  --write  writes the counts as the new budget

Exit code: 0 within the budget, 1 outside of it, 2 a wrong call.
`;

const server = (path: string): Start => ({
  command: [process.execPath, new URL(path, import.meta.url).pathname],
  env: {},
  port: null,
});

const NOT_TRACED = Object.fromEntries(SYSCALLS.map((name) => [name, null]));

/** One line for each tool that is not there. */
const tellUnmeasured = (costs: Costs): void => {
  const lacks = (what: string): boolean => Object.values(costs).some((of) => of[what] === null);
  if (lacks(SYSCALLS[0]))
    process.stderr.write('guard: system calls were not counted: strace is not installed, or may not trace\n');
  if (lacks(INSTRUCTIONS.what))
    process.stderr.write('guard: instructions were not counted: valgrind is not installed\n');
};

const measureAll = async (): Promise<Costs> => {
  const children = createChildren();
  const progress = createProgress(process.stderr);
  try {
    const model = await children.start(server('../servers/model.ts'));
    const sink = await children.start(server('../servers/sink.ts'));
    const surroundings = { model: model.url, sink: sink.url, port: 0, folder: '' };
    const costs: Record<string, Record<string, number | null>> = {};
    for (const scene of GUARD_SCENES) {
      progress.say(`counting: ${scene.name}`);
      costs[scene.name] = await measureScene(children, surroundings, scene);
    }
    const traces = canTrace();
    for (const scene of TRACED_SCENES) {
      progress.say(`system calls: ${scene.name}`);
      costs[scene.name] = {
        ...costs[scene.name],
        ...(traces ? await measureSyscalls(children, surroundings, scene) : NOT_TRACED),
      };
    }
    progress.say('instructions');
    costs[INSTRUCTIONS.scene] = { [INSTRUCTIONS.what]: await countInstructions() };
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
  tellUnmeasured(measured);
  const budget = JSON.parse(await readFile(BUDGET, 'utf8')) as Costs;
  if (values.write) {
    await writeFile(BUDGET, `${JSON.stringify(renew(budget, measured), null, 2)}\n`);
    return 0;
  }
  const compared = compare(budget, measured);
  process.stdout.write(`${render(compared)}\n`);
  return compared.every(isGood) ? 0 : 1;
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
