import { printable } from '../../telemetry/printable.ts';
import type { Attempt, Entry, SpanNode, Timeline } from '../../timeline/timeline.ts';
import { type EventOptions, renderEvent } from './events.ts';
import { renderHeader } from './header.ts';
import { cutLine, type Line, styled } from './line.ts';
import { widthOf } from './text.ts';
import { renderTree } from './tree.ts';

export interface ReportOptions extends EventOptions {
  /** Left out after a follow, which has shown them already. */
  readonly events: boolean;
}

const BLANK: Line = [];

const block = (lines: Line[]): Line[] => (lines.length > 0 ? [BLANK, ...lines] : []);

const attemptTitle = (attempt: Attempt, timeline: Timeline): Line[] =>
  timeline.attempts.length === 1
    ? []
    : [
        ...(attempt.number === 1 ? [] : [BLANK]),
        [
          styled(
            'bold',
            `attempt ${attempt.number} of ${timeline.attempts.length}: this request id was used more than once`,
          ),
        ],
      ];

const ofAttempt = <Item extends SpanNode | Entry>(items: readonly Item[], { number }: Attempt): Item[] =>
  items.filter(({ attempt }) => attempt === number);

const MAX_SERVICE_WIDTH = 20;

/** Shows the service of each event if there are several gateways. */
const withServices = (options: ReportOptions, { services }: Attempt): ReportOptions =>
  services.length > 1
    ? { ...options, serviceWidth: Math.min(MAX_SERVICE_WIDTH, Math.max(...services.flat().map(widthOf))) }
    : options;

const renderAttempt = (timeline: Timeline, attempt: Attempt, options: ReportOptions): Line[] => [
  ...attemptTitle(attempt, timeline),
  ...renderHeader(timeline.reqId, attempt).map((line) => cutLine(options.columns, line)),
  ...block(ofAttempt(timeline.spans, attempt).flatMap((root) => renderTree(root, attempt, options.columns))),
  ...(options.events
    ? block(
        ofAttempt(timeline.entries, attempt).flatMap((entry) =>
          renderEvent(entry, withServices(options, attempt)),
        ),
      )
    : []),
];

/** Notes are sentences, for people to read: they are wrapped rather than cut. */
const wrapNote = (note: string, columns: number): Line[] => {
  const rows = [''];
  for (const word of printable(`note: ${note}`).split(' ')) {
    const row = rows.at(-1) ?? '';
    if (row !== '' && widthOf(row) + 1 + widthOf(word) > columns) rows.push(`      ${word}`);
    else rows[rows.length - 1] = row === '' ? word : `${row} ${word}`;
  }
  return rows.map((row) => [styled('yellow', row)]);
};

/** Draws a whole timeline: each attempt's header, tree and events, then what is missing. */
export const renderReport = (timeline: Timeline, options: ReportOptions): Line[] => [
  ...timeline.attempts.flatMap((attempt) => renderAttempt(timeline, attempt, options)),
  ...block(timeline.notes.flatMap((note) => wrapNote(note, options.columns))),
];
