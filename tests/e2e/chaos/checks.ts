import type { UsageRecord } from '../../../src/usage/usage-record.ts';
import type { LogLine } from '../../support/gateway.ts';
import type { Seen } from '../../support/load/client.ts';
import { seenOutcome } from '../../support/load/outcome.ts';
import type { MirrorSummary } from './records.ts';

/** All that is left of a run. */
export type Evidence = {
  readonly seed: number;
  readonly seen: readonly Seen[];
  readonly usage: readonly UsageRecord[];
  readonly log: readonly LogLine[];
  readonly mirror: MirrorSummary;
};

/** A complaint names the seed and the request, so that it can be done again. */
type Complaint = {
  readonly seed: number;
  readonly request: string;
  readonly what: string;
  readonly facts: unknown;
};

const sumOf = (log: readonly LogLine[], message: string): number =>
  log.filter(({ msg }) => msg.startsWith(message)).reduce((sum, { lost }) => sum + Number(lost), 0);

/** The clocks of requests are anchored at a millisecond each. */
const SLACK_MS = 50;
/** After the end of a request its turn is interrupted and its thread let go, each with its own deadline. */
const CLEAN_UP_MS = 4_000;

const timesOf = (log: readonly LogLine[], message: string): number[] =>
  log.filter(({ msg }) => msg.startsWith(message)).map((line) => Date.parse(String(line['time'])));

/** When lines may have been lost: from the first failure until all that waited was written. */
const lossTime = (log: readonly LogLine[]) => ({
  from: Math.min(...timesOf(log, 'cannot write the mirror')) - SLACK_MS,
  to: Math.max(...timesOf(log, 'the mirror can be written again')) + SLACK_MS,
});

/** What the clients saw, against what the records say: one outcome for each request, the same word everywhere. */
export const complaintsAbout = ({ seed, seen, usage, log, mirror }: Evidence): Complaint[] => {
  const records = Map.groupBy(usage, ({ req_id }) => req_id);
  const lines = Map.groupBy(
    log.filter(({ kind }) => kind === 'access'),
    (line) => String(line['req_id']),
  );
  const { from, to } = lossTime(log);
  const mayBeLost = (time: string) => Date.parse(time) > from && Date.parse(time) < to;

  const judge = (one: Seen): string | null => {
    const { reqId, leave } = one.plan;
    const record = records.get(reqId) ?? [];
    const line = lines.get(reqId) ?? [];
    const words = mirror.summaries.get(reqId) ?? [];
    const outcome = record[0]?.outcome;
    if (one.problem) return one.problem;
    if (record.length !== 1) return `${record.length} usage records`;
    if (line.length !== 1) return `${line.length} access lines`;
    if (words.length > 1) return `${words.length} usage_summary spans`;
    if (words.length === 0 && !mayBeLost(record[0]?.ts ?? ''))
      return 'no usage_summary span, and none lost then';
    if (line[0]?.['outcome'] !== outcome || (words[0] ?? outcome) !== outcome) return 'not one outcome word';
    if (line[0]?.['error_code'] !== record[0]?.error_code) return 'not one error code';
    const saw = seenOutcome(one);
    if (saw !== null && saw !== outcome) return `the client saw ${saw}`;
    if (leave === 'within its body' && outcome !== 'client_disconnect') return 'it never came whole';
    return null;
  };

  return seen.flatMap((one) => {
    const what = judge(one);
    if (what === null) return [];
    const { reqId } = one.plan;
    const facts = {
      ...one,
      text: one.text.slice(-300),
      record: records.get(reqId),
      access: lines.get(reqId)?.map(({ outcome, error_code }) => [outcome, error_code]),
      summaries: mirror.summaries.get(reqId),
    };
    return [{ seed, request: reqId, what, facts }];
  });
};

/** Records of requests that nobody made. */
export const strangers = ({ seen, usage, log, mirror }: Evidence): string[] => {
  const known = new Set(seen.map(({ plan }) => plan.reqId));
  const access = log.filter(({ kind }) => kind === 'access').map((line) => String(line['req_id']));
  const named = [...usage.map(({ req_id }) => req_id), ...access, ...mirror.lastOf.keys()];
  return [...new Set(named)].filter((reqId) => !known.has(reqId));
};

/** The lines that are not in the mirror, in each of the ways in which they are told. */
export const losses = ({ mirror, log }: Evidence) => ({
  missing: mirror.missing.length,
  told: mirror.toldLost,
  logged: sumOf(log, 'the mirror can be written again'),
});

/** Spans that no lost line can explain: they were open after the last loss, or all of their request was over before the first. */
export const openSpans = ({ mirror, usage, log }: Evidence) => {
  const newestLost = mirror.missing.at(-1) ?? -1;
  const settledBy = new Map(usage.map(({ req_id, ts }) => [req_id, Date.parse(ts)]));
  const { from } = lossTime(log);
  const isOver = (reqId: string | null) => (settledBy.get(reqId ?? '') ?? Infinity) < from - CLEAN_UP_MS;
  return mirror.open.filter(({ seq, reqId }) => seq > newestLost || isOver(reqId));
};
