import { fileURLToPath } from 'node:url';
import type { Seen } from './produce.ts';
import type { Exit, Part, Row } from './row.ts';

export const PAGE = fileURLToPath(new URL('../../docs/exit-paths.md', import.meta.url));

const INTRODUCTION = `# How a request can end

Every way that we know. The table is made by \`tests/exits\`: each row was **seen**, on a gateway and a backend of its own kind that ran as processes;
the test then compares what it saw with what was expected, and this page with both. \`npm run docs:exits\` writes it anew.

\`\`\`
1 http_ingress ─▶ 2 backend_submission ─▶ 3 backend_io ─▶ 4 client_egress ─▶ 5 usage_summary    it is answered
1 ──────────────────────────────────────────────────────▶ 4 an error ──────▶ 5                  it is refused
1 ──────────────▶ 2 ────────────────────────────────────▶ 4 an error ──────▶ 5                  the backend does not take it
1 ──────────────▶ 2 ────────────────────▶ 3 ────────────▶ 4 an error ──────▶ 5                  it fails: a status before the first word, an event after it
1 ── or 1, 2 ── or 1, 2, 3 ────────────────────────────────────────────────▶ 5                  the client has left before the head
\`\`\`

| column | |
|---|---|
| a request ends | what happened. One row, one request |
| status | what the client got: 499 is in our own records alone |
| answer | \`JSON\` or a stream to its last frame; *error*: the envelope \`{"error":{…}}\` as the body; *error event*: the same as the last event of a stream that had begun (\`response.failed\` in the Responses API), and no terminal frame after it; *ended*: without its last frame; *cut*: the connection was closed under it; *text*: words of a server's own. In brackets: why the model stopped, where that is not \`stop\` |
| outcome | the one word that SERVER span, phases, mirror, usage record and access line agree on; the test fails where two of them differ. A backend that has done its part says \`completed\` on its own span, whatever comes after |
| code | \`error.code\` in body or event, and in each record: [errors.md](errors.md) has what they mean. A server's own error keeps its code, and has ours as \`error.cause_type\`, or, in a stream, in the records alone |
| 1 2 3 4 5 | the phases, each a span that begins and ends exactly once: ● it ran, ✕ it ran and its span's status is Error, · it was not reached, ○ it was begun and nobody was left to end it |
| turn | what became of the turn on the backend, as the mirror has it once all is over: *none* was asked for, or it was *refused*; the backend ended it (*completed*, *failed*, *stopped by itself*); *interrupted*: it was told to stop, and did, or its process ended in order before it said so; *died with its process*; *killed with its process*, which did not heed that; *died with the gateway*. Of a request to a server it is what that server saw: *interrupted* is a connection that was closed under its answer, *stopped by itself* one that it closed. None is ever left running |
| SERVER | the status of the HTTP span. 4xx leaves it unset; a client that leaves is no error |
| recorded | \`status_code\` and \`usage_source\` of the one usage record: *provider* (final), *partial* (what was used by then), *missing* (the provider told nothing, and nothing is invented) |

Behind all rows the test checks that each request has exactly one usage record, one \`usage\` event, one \`usage_summary\`, one SERVER span and one
access line; that the phases begin in their order, below the SERVER span, in one trace; that \`client_sse_done\` was written for whole streams and for no other; that the request id
is the same in header, envelope and records; that every line fits its schema; and that nothing is open when the last request has ended: no place, no span.
`;

const SYMBOLS: Readonly<Record<string, string>> = { '+': '●', '!': '✕', '-': '·', '~': '○' };

const code = (word: string | null): string => (word === null ? '' : `\`${word}\``);

/** Why the model stopped is worth telling where it is not the usual reason. */
const answerOf = ({ answer, finish }: Exit): string =>
  finish === null || finish === 'stop' ? answer : `${answer} (\`${finish}\`)`;

const cells = ({ name, turns = [] }: Row, { exit, turn }: Seen): string[] => [
  name,
  exit.status === null ? 'none' : String(exit.status),
  answerOf(exit),
  code(exit.outcome),
  code(exit.code),
  ...[...exit.phases].map((mark) => SYMBOLS[mark] ?? mark),
  turns.includes(turn) ? turns.join(' or ') : turn,
  exit.server ?? 'open',
  exit.recorded === null ? 'nothing' : `${exit.recorded}, ${exit.usage}`,
];

const line = (values: readonly string[]): string => `| ${values.join(' | ')} |`;

const HEAD = [
  'a request ends',
  'status',
  'answer',
  'outcome',
  'code',
  '1',
  '2',
  '3',
  '4',
  '5',
  'turn',
  'SERVER',
  'recorded',
];

const table = ({ profiles, title }: Part, seen: ReadonlyMap<string, Seen>): string => {
  const rows = profiles.flatMap((profile) => profile.rows);
  const lines = rows.flatMap((row) => {
    const found = seen.get(row.name);
    return found ? [line(cells(row, found))] : [];
  });
  return [`## ${title}`, '', line(HEAD), line(HEAD.map(() => '---')), ...lines].join('\n');
};

/** docs/exit-paths.md, of what was seen. No times, no ids: two runs give the same page. */
export const renderPage = (parts: readonly Part[], seen: ReadonlyMap<string, Seen>): string =>
  `${[INTRODUCTION, ...parts.map((part) => table(part, seen))].join('\n\n').replaceAll('\n\n\n', '\n\n')}\n`;
