import { refusedPathOf } from '../telemetry/mirror/refused-path.ts';
import type { Phase } from '../telemetry/phases.ts';
import type { Collected } from './collect.ts';
import type { SpanTree } from './journey-tree.ts';
import type { JourneyHop } from './journeys.ts';
import { isEventLine } from './line-facts.ts';
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

/** A gateway's part of an attempt, with what is known of it as a whole. */
export interface HopNotes {
  readonly hop: JourneyHop;
  readonly attempt: Attempt;
}

/** What has no phases at all is none of a request to the API: a page, or a probe. */
const missingPhases = ({ attempt, hop }: HopNotes): string[] => {
  const written = new Set(
    hop.lines.mirror.flatMap(({ phase, type }) => (type === 'span' && phase ? phase : [])),
  );
  const hasPhases = hop.lines.mirror.some(({ phase }) => phase !== null);
  if (!attempt.ended || hop.lines.mirror.length === 0 || (!hasPhases && attempt.outcome === null)) return [];
  const missing = expectedPhases(attempt).filter((phase) => !written.has(phase));
  return missing.length > 0 ? [`no ${listing(missing)} span, though the request ended`] : [];
};

const stillOpen = ({ attempt, hop }: HopNotes): string[] => {
  if (attempt.ended) return [];
  const last = hop.lines.own.filter(isEventLine).at(-1);
  const sign = last ? `; last heard of at ${last.ts} (${last.kind ?? last.name ?? 'event'})` : '';
  return [`no usage_summary: still running, or the process died${sign}`];
};

/** What a gateway did not write, with its name where there are several. */
const hopNotes = (said: HopNotes, isOne: boolean): string[] =>
  [...stillOpen(said), ...missingPhases(said)].map((note) =>
    isOne ? note : `${said.hop.service ?? 'unknown'}: ${note}`,
  );

/** A file that is there, and says nothing of an attempt of which another says that it ended. */
const silentFiles = (
  { ended, outcome }: Attempt,
  said: readonly HopNotes[],
  searched: readonly Searched[],
): string[] => {
  const lines = said.map(({ hop }) => hop.lines);
  const isPage = outcome === null && lines.every(({ own }) => own.every(({ phase }) => phase === null));
  const says: Readonly<Record<Source, boolean>> = {
    proto: lines.some(({ mirror }) => mirror.length > 0),
    usage: lines.some(({ usage }) => usage !== null) || !ended || isPage,
    access: lines.some(({ access }) => access !== null) || !ended || isPage,
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
  said: readonly HopNotes[],
  collected: Collected,
  searched: readonly Searched[],
): string[] => [
  ...said.flatMap((one) => hopNotes(one, said.length === 1)),
  ...silentFiles(attempt, said, searched),
  ...lostMeanwhile(attempt, collected.lost),
];

const depthNote = (tooDeep: number): string[] =>
  tooDeep === 0
    ? []
    : [
        `${tooDeep} ${tooDeep === 1 ? 'span lies' : 'spans lie'} deeper than ${MAX_LEVELS} levels, and ${tooDeep === 1 ? 'is' : 'are'} shown on the last one`,
      ];

/** Less than this is no difference of clocks, but the precision of one. */
const CLOCKS_DIFFER_NS = 1_000_000n;

const clockNote = (aheadNs: bigint): string[] =>
  aheadNs <= CLOCKS_DIFFER_NS
    ? []
    : [
        `clocks differ: a gateway's span begins ${(Number(aheadNs) / 1e6).toFixed(1)}ms before its parent at another one; times are shown as they were written`,
      ];

/** What the tree shows elsewhere than it is, or at another time than it was, in sentences. */
export const treeNotes = ({ tooDeep, aheadNs }: SpanTree): string[] => [
  ...depthNote(tooDeep),
  ...clockNote(aheadNs),
];

/** Where several files of a kind were given, those that add nothing are named. */
const unheard = (searched: readonly Searched[]): string[] =>
  searched
    .filter(
      ({ source, found, heard }) =>
        found && !heard && searched.some((one) => one.source === source && one.heard),
    )
    .filter(({ path }) => !searched.some((one) => one.heard && refusedPathOf(one.path) === path))
    .map(({ source, path }) => `nothing more of this request in the ${FILES[source]} ${path}`);

const orphanNote = (orphans: number): string[] =>
  orphans === 0
    ? []
    : [
        `${orphans} ${orphans === 1 ? 'span' : 'spans'} of this trace left out: no parent of theirs was written that leads to this request`,
      ];

/** What the files lack, in sentences. */
export const fileNotes = (searched: readonly Searched[], collected: Collected, orphans: number): string[] => [
  ...searched.filter(({ found }) => !found).map(({ source, path }) => `no ${FILES[source]} at ${path}`),
  ...unheard(searched),
  ...collected.skipped.sentences(),
  ...orphanNote(orphans),
];
