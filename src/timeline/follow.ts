import { setTimeout as sleep } from 'node:timers/promises';
import type { MirrorLine } from '../telemetry/mirror/line.ts';
import { refusedPathOf } from '../telemetry/mirror/refused-path.ts';
import { type Collector, createCollector } from './collect.ts';
import { entryOfAccess, entryOfEvent, entryOfUsage, inTimeOrder, type SortableEntry } from './entries.ts';
import { isSpanLine, startOf } from './line-facts.ts';
import type { Entry, TimelineQuery } from './model.ts';
import { createNdjsonReader, type RawLine } from './read-ndjson.ts';

export interface FollowOptions {
  /** Ends the following when it aborts. */
  readonly signal: AbortSignal;
  /** How often the files are looked at. */
  readonly pollMs?: number;
}

/** How often the files are still looked at after the end: the usage record and the access line come last. */
const LAST_LOOKS = 3;
const POLL_MS = 150;

interface Follower {
  readonly onLine: { readonly [Source in 'proto' | 'refused' | 'usage' | 'access']: (raw: RawLine) => void };
  /** What came since the last call, in order of time. */
  take(): Entry[];
  readonly over: boolean;
}

/** Turns lines into entries as they come. Times count from the first line of the attempt. */
const createFollower = (collector: Collector): Follower => {
  let fresh: SortableEntry[] = [];
  let place = { attempt: 1, startNs: -1n };
  let arrivals = 0;
  let ends = 0;

  const at = (timeNs: bigint): typeof place => {
    if (place.startNs < 0n) place = { ...place, startNs: timeNs };
    return place;
  };
  const arrive = (timeNs: bigint): void => {
    arrivals++;
    if (arrivals > 1) place = { attempt: arrivals, startNs: timeNs };
  };

  const take = (line: MirrorLine | null): void => {
    if (!line) return;
    if (isSpanLine(line)) {
      if (line.phase === 'usage_summary') ends++;
      return;
    }
    if (line.kind === 'client_request') arrive(startOf(line));
    fresh.push(entryOfEvent(line, at(startOf(line))));
  };

  return {
    onLine: {
      proto: (raw) => take(collector.proto(raw)),
      refused: (raw) => take(collector.refused(raw)),
      usage(raw) {
        const line = collector.usage(raw);
        if (!line) return;
        if (arrivals === 0) ends++;
        fresh.push(entryOfUsage(line, at(BigInt(line.time_ns))));
      },
      access(raw) {
        const line = collector.access(raw);
        if (line) fresh.push(entryOfAccess(line, at(BigInt(Date.parse(line.time)) * 1_000_000n)));
      },
    },
    take() {
      const entries = inTimeOrder(fresh);
      fresh = [];
      return entries;
    },
    get over() {
      return ends > 0 && ends >= arrivals;
    },
  };
};

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => undefined);

/**
 * Gives the entries of a request as they are written, those from before the call first, until its usage summary has
 * ended or the signal aborts. Waits for a request that has not come yet, and goes on through rotations.
 *
 * @throws LogFileError for a file that is there and cannot be read
 */
export const followTimeline = async function* (
  query: TimelineQuery,
  { signal, pollMs = POLL_MS }: FollowOptions,
): AsyncGenerator<Entry[]> {
  const follower = createFollower(createCollector(query.reqId));
  const refused = refusedPathOf(query.protoLog);
  const readers = [
    { reader: createNdjsonReader(query.protoLog), onLine: follower.onLine.proto },
    ...(refused === query.protoLog
      ? []
      : [{ reader: createNdjsonReader(refused), onLine: follower.onLine.refused }]),
    { reader: createNdjsonReader(query.usageLog), onLine: follower.onLine.usage },
    ...(query.accessLog === undefined
      ? []
      : [{ reader: createNdjsonReader(query.accessLog), onLine: follower.onLine.access }]),
  ];
  try {
    for (let looks = 0; looks < LAST_LOOKS && !signal.aborted; looks = follower.over ? looks + 1 : 0) {
      for (const { reader, onLine } of readers) await reader.read(onLine);
      const entries = follower.take();
      if (entries.length > 0) yield entries;
      await pause(pollMs, signal);
    }
  } finally {
    for (const { reader } of readers) await reader.close();
  }
};
