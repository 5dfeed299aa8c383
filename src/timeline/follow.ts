import { setTimeout as sleep } from 'node:timers/promises';
import type { MirrorLine } from '../telemetry/mirror/line.ts';
import { refusedPathOf } from '../telemetry/mirror/refused-path.ts';
import { type Collector, createCollector, type MirrorCollector } from './collect.ts';
import { entryOfAccess, entryOfEvent, entryOfUsage, inTimeOrder, type SortableEntry } from './entries.ts';
import { isSpanLine, startOf } from './line-facts.ts';
import { distinctPaths } from './log-files.ts';
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
  /** Takes the lines of another mirror. */
  mirror(): MirrorCollector;
  usage(raw: RawLine): void;
  access(raw: RawLine): void;
  /** What came since the last call, in order of time. */
  take(): Entry[];
  readonly over: boolean;
}

/** How often a request came to a gateway, and how often it ended there. */
interface Counts {
  arrivals: number;
  ends: number;
}

/**
 * Turns lines into entries as they come. Times count from the first line of the attempt; a new one begins with an arrival at the gateway at
 * which the first one did.
 */
const createFollower = (collector: Collector): Follower => {
  let fresh: SortableEntry[] = [];
  let place = { attempt: 1, service: null, startNs: -1n };
  const mirrors: Counts[] = [];
  let first: Counts | null = null;
  let recorded = false;

  const at = (timeNs: bigint): typeof place => {
    if (place.startNs < 0n) place = { ...place, startNs: timeNs };
    return place;
  };
  const arrive = (counts: Counts, timeNs: bigint): void => {
    counts.arrivals++;
    first ??= counts;
    if (counts === first && counts.arrivals > 1)
      place = { ...place, attempt: counts.arrivals, startNs: timeNs };
  };

  const take = (counts: Counts, line: MirrorLine | null): MirrorLine | null => {
    if (!line) return null;
    if (isSpanLine(line)) {
      if (line.phase === 'usage_summary') counts.ends++;
      return line;
    }
    if (line.kind === 'client_request') arrive(counts, startOf(line));
    fresh.push(entryOfEvent(line, at(startOf(line))));
    return line;
  };

  return {
    mirror() {
      const counts: Counts = { arrivals: 0, ends: 0 };
      const lines = collector.mirror(mirrors.push(counts) - 1);
      return {
        proto: (raw) => take(counts, lines.proto(raw)),
        refused: (raw) => take(counts, lines.refused(raw)),
      };
    },
    usage(raw) {
      const line = collector.usage(raw);
      if (!line) return;
      if (!first) recorded = true;
      fresh.push(entryOfUsage(line, at(BigInt(line.time_ns))));
    },
    access(raw) {
      const line = collector.access(raw);
      if (line) fresh.push(entryOfAccess(line, at(BigInt(Date.parse(line.time)) * 1_000_000n)));
    },
    take() {
      const entries = inTimeOrder(fresh);
      fresh = [];
      return entries;
    },
    get over() {
      const hasEnded = recorded || mirrors.some(({ ends }) => ends > 0);
      return hasEnded && mirrors.every(({ arrivals, ends }) => ends >= arrivals);
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
  const reading = (path: string, onLine: (raw: RawLine) => unknown) => ({
    reader: createNdjsonReader(path),
    onLine: (raw: RawLine) => void onLine(raw),
  });
  const mirrors = (await distinctPaths(query.protoLog)).flatMap((path) => {
    const lines = follower.mirror();
    const share = refusedPathOf(path);
    return [reading(path, lines.proto), ...(share === path ? [] : [reading(share, lines.refused)])];
  });
  const readers = [
    ...mirrors,
    ...(await distinctPaths(query.usageLog)).map((path) => reading(path, follower.usage)),
    ...(await distinctPaths(query.accessLog)).map((path) => reading(path, follower.access)),
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
