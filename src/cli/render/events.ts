import type { Entry } from '../../timeline/timeline.ts';
import { digest } from './digest.ts';
import { cutLine, type Line, padTo, plain, type Segment, styled } from './line.ts';
import { formatBytes, formatSince } from './units.ts';
import { MARK, PHASE_STYLE } from './words.ts';

type EventLine = Extract<Entry['line'], { type: 'event' }>;

export interface EventOptions {
  readonly columns: number;
  /** Whole payloads below their events, instead of one line cut to the width. */
  readonly fullPayload: boolean;
  /** The width of the column for services; undefined if there is one gateway. */
  readonly serviceWidth?: number | undefined;
}

const TIME_WIDTH = 10;
const SOURCE_WIDTH = 6;
const PHASE_WIDTH = 18;
const KIND_WIDTH = 16;
const INDENT = '    ';
/** More than any terminal is wide: spares the cutting of a payload of megabytes. */
const LINE_LIMIT = 4000;

const markOf = ({ failed, firstToken }: Entry): Segment => {
  if (failed) return styled('red', `${MARK.failed} `);
  return firstToken ? styled('yellow', `${MARK.firstToken} `) : plain('  ');
};

/** A column of its own, with two spaces after it however long its text is. */
const cell = (width: number, segment: Segment, gap = '  '): Line => [...padTo(width, [segment]), plain(gap)];

const statusOf = ({ line }: Entry): Line =>
  'seq' in line && line.type === 'event' && line.status_code !== undefined
    ? [plain(`${line.status_code} `)]
    : [];

const serviceCell = ({ service }: Entry, width: number | undefined): Line =>
  width === undefined ? [] : cell(width, plain(service ?? '-'));

const head = (entry: Entry, serviceWidth: number | undefined): Line => [
  plain(formatSince(entry.sinceStartNs, entry.source === 'access').padStart(TIME_WIDTH)),
  plain(' '),
  markOf(entry),
  ...cell(SOURCE_WIDTH, styled('dim', entry.source), ' '),
  ...serviceCell(entry, serviceWidth),
  ...cell(PHASE_WIDTH, styled(entry.phase ? PHASE_STYLE[entry.phase] : undefined, entry.phase ?? '-')),
  ...cell(KIND_WIDTH, styled(entry.failed ? 'red' : undefined, entry.name)),
  ...statusOf(entry),
];

const cutNote = (line: EventLine): Line[] =>
  line.truncated
    ? [
        [
          styled(
            'dim',
            `${INDENT}(cut from ${formatBytes(line.truncated.bytes)}, sha256 ${line.truncated.sha256})`,
          ),
        ],
      ]
    : [];

const fullPayload = ({ payload, line }: Entry): Line[] => {
  if (payload === undefined) return [];
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload, null, 2);
  const rows = text.split('\n').map((row): Line => [plain(INDENT + row)]);
  return 'seq' in line && line.type === 'event' ? [...rows, ...cutNote(line)] : rows;
};

/** Draws one event: time since start, source, phase, kind and payload. */
export const renderEvent = (entry: Entry, options: EventOptions): Line[] =>
  options.fullPayload
    ? [head(entry, options.serviceWidth), ...fullPayload(entry)]
    : [
        cutLine(options.columns, [
          ...head(entry, options.serviceWidth),
          styled('dim', digest(entry).slice(0, LINE_LIMIT)),
        ]),
      ];
