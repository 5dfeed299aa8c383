import type { Phase } from '../telemetry/phases.ts';
import type { AttemptLines } from './attempts.ts';
import type { Collected } from './collect.ts';
import { isEventLine, isSpanLine } from './line-facts.ts';
import type { LostLines } from './lost-lines.ts';
import type { Attempt, Searched, Source } from './model.ts';
import { MAX_LEVELS } from './span-depth.ts';

const FILES: Readonly<Record<Source, string>> = { access: 'access log', proto: 'mirror', usage: 'usage log' };

const listing = (words: readonly string[]): string => words.join(', ').replace(/, ([^,]*)$/, ' and $1');

/** What ran, ended, and still wrote no span of this phase. */
const expectedPhases = ({ outcome, mode }: Attempt): readonly Phase[] => {
  if (outcome === 'completed' && mode !== 'other' && mode !== 'models') {
    return ['http_ingress', 'backend_submission', 'backend_io', 'client_egress'];
  }
  return outcome === 'client_disconnect' ? ['http_ingress'] : ['http_ingress', 'client_egress'];
};

const missingPhases = (attempt: Attempt, { mirror }: AttemptLines): string[] => {
  if (!attempt.ended || mirror.length === 0) return [];
  const written = new Set(mirror.filter(isSpanLine).map(({ phase }) => phase));
  const missing = expectedPhases(attempt).filter((phase) => !written.has(phase));
  return missing.length > 0 ? [`no ${listing(missing)} span, though the request ended`] : [];
};

const stillOpen = (attempt: Attempt, lines: AttemptLines): string[] => {
  if (attempt.ended) return [];
  const last = lines.own.filter(isEventLine).at(-1);
  const sign = last ? `; last heard of at ${last.ts} (${last.kind ?? last.name ?? 'event'})` : '';
  return [`no usage_summary: still running, or the process died${sign}`];
};

/** A file that is there, and says nothing of an attempt of which another says that it ended. */
const silentFiles = (attempt: Attempt, lines: AttemptLines, searched: readonly Searched[]): string[] => {
  const says: Readonly<Record<Source, boolean>> = {
    proto: lines.mirror.length > 0,
    usage: lines.usage !== null || !attempt.ended,
    access: lines.access !== null || !attempt.ended,
  };
  return searched
    .filter(({ source, found }) => found && !says[source])
    .map(({ source, path }) => `nothing in the ${FILES[source]} ${path}`);
};

const lostMeanwhile = (attempt: Attempt, lost: readonly LostLines[]): string[] => {
  const count = lost
    .filter(
      ({ afterNs, beforeNs }) => beforeNs >= attempt.startNs && (!attempt.ended || afterNs <= attempt.lastNs),
    )
    .reduce((sum, gap) => sum + gap.count, 0);
  if (count === 0) return [];
  const were = count === 1 ? '1 mirror line was' : `${count} mirror lines were`;
  return [`${were} lost while this request ran: some of it may be missing here`];
};

/** What an attempt lacks, in sentences. */
export const attemptNotes = (
  attempt: Attempt,
  lines: AttemptLines,
  collected: Collected,
  searched: readonly Searched[],
): string[] => [
  ...stillOpen(attempt, lines),
  ...missingPhases(attempt, lines),
  ...silentFiles(attempt, lines, searched),
  ...lostMeanwhile(attempt, collected.lost),
];

/** What the tree shows elsewhere than it is, in sentences. */
export const depthNote = (tooDeep: number): string[] =>
  tooDeep === 0
    ? []
    : [
        `${tooDeep} ${tooDeep === 1 ? 'span lies' : 'spans lie'} deeper than ${MAX_LEVELS} levels, and ${tooDeep === 1 ? 'is' : 'are'} shown on the last one`,
      ];

const orphanNote = (orphans: number): string[] =>
  orphans === 0
    ? []
    : [
        `${orphans} ${orphans === 1 ? 'span' : 'spans'} of this trace left out: no parent of theirs was written that leads to this request`,
      ];

/** What the files lack, in sentences. */
export const fileNotes = (searched: readonly Searched[], collected: Collected, orphans: number): string[] => [
  ...searched.filter(({ found }) => !found).map(({ source, path }) => `no ${FILES[source]} at ${path}`),
  ...collected.skipped.sentences(),
  ...orphanNote(orphans),
];
