import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../support/source-tree.ts';
import { startAll } from '../support/start-all.ts';
import { type Backend, startCodex, startEmbedded, startRelayed, startTranslated } from './backends.ts';
import { CLIENTS, type Client, versionsOf } from './clients.ts';
import { install, type Program } from './install.ts';
import { differences, type Row, renderPage, rowsOf } from './page.ts';
import { runProgram } from './run-program.ts';

const PAGE = join(ROOT, 'docs', 'clients.md');

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const nameOf = ({ title, language }: Client): string =>
  CLIENTS.filter((client) => client.title === title).length > 1 ? `${title} (${language})` : title;

type Installed = { client: Client; program: Program };

const installAll = async (): Promise<Installed[]> => {
  const installed: Installed[] = [];
  for (const client of CLIENTS) {
    say(`install ${client.folder}`);
    installed.push({ client, program: await install(client) });
  }
  return installed;
};

/** One client after the other, so that none waits for another's processor time. */
const runAll = async (installed: readonly Installed[], backend: Backend): Promise<Row[]> => {
  const rows: Row[] = [];
  for (const { client, program } of installed) {
    const results = await runProgram(program, backend);
    for (const { way, case: name, ok, detail } of results) {
      if (ok === false) say(`${backend.title}: ${nameOf(client)}, ${way}, ${name} fails: ${detail}`);
    }
    const tried = results.filter(({ ok }) => ok !== null);
    say(
      `${backend.title}: ${nameOf(client)}: ${tried.filter(({ ok }) => ok).length} of ${tried.length} work`,
    );
    rows.push(...rowsOf({ backend: backend.title, client: nameOf(client), results }));
  }
  return rows;
};

const see = async (): Promise<string> => {
  const installed = await installAll();
  const backends = await startAll(startEmbedded(), startCodex(), startRelayed(), startTranslated());
  try {
    // Settled, so that no program still runs when its gateway is stopped.
    const runs = await Promise.allSettled(backends.map((backend) => runAll(installed, backend)));
    const rows = runs.flatMap((run) => {
      if (run.status === 'rejected') throw run.reason;
      return run.value;
    });
    const versions = CLIENTS.map(async (client) => ({
      client: nameOf(client),
      language: client.language,
      packages: await versionsOf(client),
    }));
    return renderPage(await Promise.all(versions), rows);
  } finally {
    await Promise.all(backends.map((backend) => backend.remove()));
  }
};

const seen = await see();
if (process.argv.includes('--write')) {
  await writeFile(PAGE, seen);
} else {
  const page = await readFile(PAGE, 'utf8').catch(() => '');
  if (page !== seen) {
    const lines = differences(page, seen).join('\n');
    say(`docs/clients.md says otherwise (- the page, + this run):\n${lines}`);
    process.exitCode = 1;
  }
}
