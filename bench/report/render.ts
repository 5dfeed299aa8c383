import type { Cell, Results, RowFacts } from '../results.ts';
import { ROWS, type Row } from '../rows.ts';
import { SCENES, type Scene } from '../scenes.ts';
import { cpuAll, cpuOwn, cpuThread, type LookUp, lookUp, type Measure, throughput } from './look-up.ts';
import { figure, targetsOf, toMib, verdict } from './targets.ts';

const NOTHING = '–';
const PERCENT = 100;
const US_PER_MS = 1000;

const cell = (value: number | undefined): string => (value === undefined ? NOTHING : figure(value));

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [line(head), `|---|${'---:|'.repeat(head.length - 1)}`, ...rows.map(line)].join('\n');

const titleOf = (name: string): string => {
  const row = ROWS.find((each) => each.name === name);
  return row ? `${row.title} (\`${name}\`)` : name;
};

const SCENE_HEAD = [
  'row',
  'requests/s',
  '% of its floor',
  'p50 ms',
  'p99 ms',
  'first byte p50 ms',
  'CPU ms/request',
  'without children ms',
  "request's thread ms",
  'CPU µs/chunk',
  'loop delay p99 ms',
];

const sceneRow = ({ value, ratio }: LookUp, row: Row, scene: Scene): string[] => {
  const of = (measure: Measure): string => cell(value(row.name, scene.name, measure));
  const share = ratio(row.name, row.floor, scene.name, throughput);
  const cpu = value(row.name, scene.name, cpuAll);
  const perChunk = scene.stream && cpu !== undefined ? (cpu * US_PER_MS) / scene.words : undefined;
  return [
    titleOf(row.name),
    of(throughput),
    cell(share === undefined ? undefined : share * PERCENT),
    of(({ latency }) => latency.p50),
    of(({ latency }) => latency.p99),
    of(({ firstByte }) => firstByte.p50),
    of(cpuAll),
    of(cpuOwn),
    of(cpuThread),
    cell(perChunk),
    of(({ delay }) => delay?.p99 ?? Number.NaN).replace('NaN', NOTHING),
  ];
};

const sceneSection = (asked: LookUp, cells: readonly Cell[], scene: Scene): string[] => {
  const rows = ROWS.filter(({ name }) =>
    cells.some((each) => each.row === name && each.scene === scene.name),
  );
  if (rows.length === 0) return [];
  return [
    `## ${scene.title}`,
    table(
      SCENE_HEAD,
      rows.map((row) => sceneRow(asked, row, scene)),
    ),
  ];
};

const factsRow = ({ row, readyMs, rssReady, rssEnd, lag, mirror }: RowFacts): string[] => [
  titleOf(row),
  cell(readyMs),
  cell(toMib(rssReady)),
  cell(toMib(rssEnd)),
  cell(lag?.p50),
  cell(lag?.p99),
  cell(lag?.max),
  cell(mirror?.lines),
  cell(mirror ? mirror.lost : undefined),
  cell(mirror ? mirror.errors : undefined),
];

const FACTS_HEAD = [
  'row',
  'start to ready ms',
  'memory when ready MiB',
  'at the end MiB',
  'event to file p50 ms',
  'p99 ms',
  'longest ms',
  'lines in the file',
  'lost',
  'trace_error lines',
];

const quietSection = ({ quiet }: Results): string[] =>
  quiet.length === 0
    ? []
    : [
        `## ${quiet[0]?.streams} quiet streams at once`,
        table(
          ['row', 'kB a stream', 'wrong answers'],
          quiet.map((fact) => [titleOf(fact.row), cell(fact.bytesPerStream / 1000), String(fact.wrongCount)]),
        ),
      ];

const idleSection = ({ idle }: Results): string[] =>
  idle.length === 0
    ? []
    : [
        `## ${idle[0]?.seconds} seconds of nothing`,
        table(
          ['row', 'CPU ms', 'memory at the begin MiB', 'at the end MiB'],
          idle.map((fact) => [
            titleOf(fact.row),
            cell(fact.cpuMs),
            cell(toMib(fact.rssBegin)),
            cell(toMib(fact.rssEnd)),
          ]),
        ),
      ];

const targetSection = (results: Results): string => {
  const rows = targetsOf(results).map((target) => [
    target.what,
    `${target.bound === 'most' ? '≤' : '≥'} ${figure(target.limit)} ${target.unit}`,
    target.measured === undefined ? NOTHING : `${figure(target.measured)} ${target.unit}`,
    verdict(target),
  ]);
  return table(['target', 'limit', 'measured', ''], rows);
};

/** The targets as lines of text, for a terminal. */
export const renderTargets = (results: Results): string =>
  targetsOf(results)
    .map((target) => {
      const measured = target.measured === undefined ? '' : `${figure(target.measured)} ${target.unit}, `;
      const sign = target.bound === 'most' ? '≤' : '≥';
      return `${target.what} ${sign} ${figure(target.limit)} ${target.unit}: ${measured}${verdict(target)}\n`;
    })
    .join('');

/** The first few wrong answers of each row and scene, in words. */
export const wrongAnswers = ({ cells, quiet }: Pick<Results, 'cells' | 'quiet'>): string[] => [
  ...cells
    .filter(({ wrongCount }) => wrongCount > 0)
    .map(({ row, scene, wrongCount, requests, wrong }) => {
      const all = Math.max(requests, wrongCount);
      return `${row}, ${scene}: ${wrongCount} of ${all} answers are wrong: ${wrong.join('; ')}`;
    }),
  ...quiet
    .filter(({ wrongCount }) => wrongCount > 0)
    .map(({ row, wrongCount }) => `${row}, quiet: ${wrongCount} answers are wrong`),
];

const HOW = `Written by \`npm run bench\`; [README.md](README.md) says what is measured and how to read it.`;

const list = (items: readonly string[]): string[] =>
  items.length === 0 ? [] : [items.map((item) => `- ${item.replaceAll('\n', ' ')}`).join('\n')];

/** RESULTS.md. */
export const renderResults = (results: Results): string => {
  const { machine, rounds, roundMs, cells, exported, rows } = results;
  const asked = lookUp(results);
  const requests = cells.reduce((sum, each) => sum + each.requests, 0);
  return `${[
    '# Results of the benchmark',
    HOW,
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB of memory, ${machine.system}, Node ${machine.node}. ${rounds} rounds of ${roundMs / 1000} s, in turn; medians. ${requests} answers were checked. The sink took ${exported.spans} spans in ${exported.exports} exports.`,
    ...list([...results.notes, ...wrongAnswers(results)]),
    '## Targets',
    targetSection(results),
    ...SCENES.flatMap((scene) => sceneSection(asked, cells, scene)),
    ...quietSection(results),
    ...idleSection(results),
    '## Start, memory and files',
    table(FACTS_HEAD, rows.map(factsRow)),
  ].join('\n\n')}\n`;
};
