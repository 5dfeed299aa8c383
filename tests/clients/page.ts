/** The cases, in the order of the page's columns. */
const CASES = { plain: 'plain', streamed: 'streamed', tools: 'tool loop', structured: 'structured' } as const;

type Case = keyof typeof CASES;

/** A cell's state; `left out` where the client does no such thing. */
export type Cell = { state: 'works' | 'fails' | 'left out'; reason: string };

/** A way of a client to a backend. Clients offer several: two APIs, or two providers. */
export type Row = {
  backend: string;
  client: string;
  way: string;
  cells: Readonly<Record<Case, Cell>>;
};

export type Seen = {
  backend: string;
  client: string;
  results: readonly { way: string; case: string; ok: boolean | null; detail?: string }[];
};

/** What differs from run to run in a client's message. */
const VARIABLE = /\b(?:req_|resp_|chatcmpl-|call_)?[0-9a-f][0-9a-f-]{11,}\b/g;

const reasonOf = (detail: string): string => {
  const [line = ''] = detail.trim().split('\n');
  const plain = line.replace(VARIABLE, '…').replaceAll('|', '\\|').replaceAll('<', '&lt;');
  return plain.length > 240 ? `${plain.slice(0, 240)}…` : plain;
};

const cellOf = (found: Seen['results'][number] | undefined): Cell => {
  if (!found) return { state: 'fails', reason: 'the program told no result' };
  const reason = reasonOf(found.detail ?? '');
  if (found.ok === null) return { state: 'left out', reason };
  return { state: found.ok ? 'works' : 'fails', reason };
};

/** A row for each way that a program told of. */
export const rowsOf = ({ backend, client, results }: Seen): Row[] =>
  [...new Set(results.map(({ way }) => way))].map((way) => {
    const cell = (name: Case): Cell =>
      cellOf(results.find((result) => result.way === way && result.case === name));
    return {
      backend,
      client,
      way,
      cells: {
        plain: cell('plain'),
        streamed: cell('streamed'),
        tools: cell('tools'),
        structured: cell('structured'),
      },
    };
  });

const WORDS: Readonly<Record<Cell['state'], string>> = {
  works: 'works',
  fails: '**fails**',
  'left out': '–',
};
const casesOf = (row: Row) =>
  (Object.keys(CASES) as Case[]).map((name) => ({ title: CASES[name], cell: row.cells[name] }));

const table = (head: readonly string[], lines: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const section = (backend: string, rows: readonly Row[]): string => {
  const lines = rows.map((row) => [
    row.client,
    row.way,
    ...casesOf(row).map(({ cell }) => WORDS[cell.state]),
  ]);
  const reasons = rows.flatMap((row) =>
    casesOf(row)
      .filter(({ cell }) => cell.state !== 'works')
      .map(({ title, cell }) => `- ${row.client}, ${row.way}, ${title}: ${cell.reason}`),
  );
  const head = ['client', 'way', ...Object.values(CASES)];
  return [
    `## On the ${backend}`,
    table(head, lines),
    ...(reasons.length > 0 ? [reasons.join('\n')] : []),
  ].join('\n\n');
};

/** docs/clients.md, whole. */
export const renderPage = (
  versions: readonly { client: string; language: string; packages: readonly string[] }[],
  rows: readonly Row[],
): string => {
  const backends = [...new Set(rows.map(({ backend }) => backend))];
  const parts = [
    '# Client libraries',
    `What works with which client library, as \`npm run test:clients\` found it: real programs (\`tests/clients\`), each against four gateways.
Behind them are the embedded app-server; the real Codex, on a model of its catalogue that a server of ours plays; an HTTP upstream that has all
three APIs, whose answers pass as they are; and one that has Chat Completions alone, before which the two others are translated. The run
fails when a cell differs from this page; \`npm run test:clients -- --write\` writes the page anew.`,
    `**plain**: a question, one answer. **streamed**: the text comes in pieces; with instructor, a value that grows. **tool loop**: the client runs its own tool and sends
the output back, and the answer is the one behind it. **structured**: a value of a given shape, in the client's default mode, be that a JSON schema, JSON
alone, or a tool that is forced (on the app-servers the last two are emulated: [parameters.md](parameters.md)).`,
    '## Versions',
    table(
      ['client', 'language', 'packages'],
      versions.map(({ client, language, packages }) => [client, language, packages.join(', ')]),
    ),
    ...backends.map((backend) =>
      section(
        backend,
        rows.filter((row) => row.backend === backend),
      ),
    ),
  ];
  return `${parts.join('\n\n')}\n`;
};

/** Each line behind the heading that it stands under: the backends' tables have the same rows. */
const placed = (page: string): string[] => {
  let heading = '';
  return page.split('\n').map((line) => {
    if (line.startsWith('#')) heading = line.replace(/^#+ /, '');
    return `${heading}: ${line}`;
  });
};

/** The lines in which two pages differ, for whoever reads the run's output. */
export const differences = (page: string, seen: string): string[] => {
  const [before, after] = [placed(page), placed(seen)];
  return [
    ...before.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
  ];
};
