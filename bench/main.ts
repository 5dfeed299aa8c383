import { writeFile } from 'node:fs/promises';
import { createChildren } from './children.ts';
import { startLoader } from './measure/loader.ts';
import { HELP, type Options, readOptions } from './options.ts';
import { createProgress } from './progress.ts';
import { renderResults, renderTargets, wrongAnswers } from './report/render.ts';
import type { Results } from './results.ts';
import { runSession } from './session.ts';

const RESULTS = new URL('RESULTS.md', import.meta.url);
const STOPPED = 130;

const report = async (results: Results, { whole }: Options): Promise<number> => {
  if (whole) await writeFile(RESULTS, renderResults(results));
  else process.stdout.write(renderResults(results));
  process.stdout.write(`\n${renderTargets(results)}`);
  const wrong = wrongAnswers(results);
  for (const text of wrong) process.stderr.write(`WRONG: ${text}\n`);
  for (const text of results.notes) process.stderr.write(`${text}\n`);
  return wrong.length === 0 ? 0 : 1;
};

const bench = async (options: Options): Promise<number> => {
  const children = createChildren();
  const loader = startLoader();
  const progress = createProgress(process.stderr);
  const endAll = async (): Promise<void> => {
    loader.stop();
    await children.stopAll();
  };
  let isStopped = false;
  const stop = (): void => {
    isStopped = true;
    progress.end();
    void endAll().then(() => process.exit(STOPPED));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop);
  try {
    const results = await runSession({ children, loader, say: progress.say }, options);
    progress.end();
    return await report(results, options);
  } catch (thrown) {
    progress.end();
    // What was being measured fails because it was ended.
    if (!isStopped) process.stderr.write(`bench: ${thrown instanceof Error ? thrown.message : thrown}\n`);
    return isStopped ? STOPPED : 1;
  } finally {
    await endAll();
  }
};

const main = async (): Promise<number> => {
  const options = readOptions(process.argv.slice(2));
  if ('help' in options) {
    process.stdout.write(HELP);
    return 0;
  }
  if ('problem' in options) {
    process.stderr.write(`${options.problem}\n\n${HELP}`);
    return 2;
  }
  return bench(options);
};

process.exitCode = await main();
