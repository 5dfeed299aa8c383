import { backgroundTimers, type WallTimers } from '../../later.ts';
import { createOutage, type OutageListeners } from '../outage.ts';
import { createAppender } from './ndjson-append.ts';
import { createPump } from './ndjson-pump.ts';
import { createLineQueue, fitsInto } from './ndjson-queue.ts';
import { type NdjsonFs, nodeFs, startRetention } from './ndjson-rotate.ts';

export { type NdjsonFs, type NdjsonHandle, nodeFs } from './ndjson-rotate.ts';

export interface NdjsonFileOptions extends OutageListeners {
  readonly path: string;
  /** A file that would grow beyond this is rotated to `path.1`, that to `path.2` and so on. Default 64 MiB. */
  readonly maxFileBytes?: number;
  /** How many files there are at most, the current one included; infinite: none is removed for being one too many. Default 8. */
  readonly maxFiles?: number;
  /** Files to which nothing was written for so long are removed, looked for each hour. Default: none is. */
  readonly retentionMs?: number | undefined;
  /** Is told of lines that are in the file, at once. */
  readonly onWritten?: ((lines: number) => void) | undefined;
  /** Is told how many were removed for their age. */
  readonly onRemoved?: (files: number) => void;
  /** What may wait while the disk is slow or failing, in bytes. The newest lines beyond it are lost. Default 16 MiB. */
  readonly maxQueueBytes?: number;
  /** How long lines may be gathered for one write call, as each costs as much as a hundred lines. Default 0: those of one turn. */
  readonly gatherMs?: number;
  /** The first pause after a failed attempt; it doubles up to 5 s. Default 100 ms. */
  readonly retryDelayMs?: number;
  /** How long `flush` and `close` wait for a file system that does not answer at all. Default 5 s. */
  readonly stallMs?: number;
  readonly fs?: NdjsonFs;
  readonly timers?: WallTimers;
}

export interface NdjsonStats {
  /** Lines that are in the file. */
  readonly written: number;
  /** Lines that never got there. */
  readonly lost: number;
  readonly queuedBytes: number;
  /** The newest error, kept after the recovery. */
  readonly lastError: Error | undefined;
}

/** A file of JSON lines that is written in the background and never blocks or fails its user. */
export interface NdjsonFile {
  /** Takes one line without its newline. Never throws, never blocks; false when the line is lost. */
  write(line: string, options?: { readonly isEssential?: boolean }): boolean;
  /** Resolves when what was queued is written or lost, or when an attempt failed. Never rejects, never hangs. */
  flush(): Promise<void>;
  /** Flushes and closes; what cannot be written then is lost and counted. Twice is harmless. */
  close(): Promise<void>;
  readonly stats: NdjsonStats;
}

const MIB = 1024 * 1024;
const DAY_MS = 86_400_000;

/**
 * Opens a rotating NDJSON file, mode 0600 in a directory of mode 0700; nothing touches the disk before the first line.
 * A line is in the file within `gatherMs` and milliseconds, whole in one write call, so that several processes can share a path.
 *
 * @example
 * const file = createNdjsonFile({ path: '.throughline/proto.ndjson', onLost: (lost, error) => log.error({ lost, error }) });
 * file.write(JSON.stringify({ v: 1 }));
 * await file.close();
 */
export const createNdjsonFile = (options: NdjsonFileOptions): NdjsonFile => {
  const { path, maxFileBytes = 64 * MIB, maxFiles = 8, maxQueueBytes = 16 * MIB } = options;
  const {
    gatherMs = 0,
    retryDelayMs = 100,
    stallMs = 5000,
    fs = nodeFs,
    timers = backgroundTimers,
    retentionMs,
    onRemoved,
    onWritten,
  } = options;
  const queue = createLineQueue(maxQueueBytes);
  const outage = createOutage(options);
  const files = { path, maxFiles: Math.max(1, maxFiles), fs, timers };
  // What is kept for days alone begins a file each day, so that the oldest can go each day.
  const maxAgeMs = retentionMs === undefined ? Number.POSITIVE_INFINITY : DAY_MS;
  const appender = createAppender({ ...files, maxFileBytes, maxAgeMs });
  const stopRetention =
    retentionMs === undefined ? undefined : startRetention({ ...files, retentionMs, onRemoved });
  const pump = createPump({ queue, appender, outage, timers, gatherMs, retryDelayMs, stallMs, onWritten });
  let lost = 0;
  let closing: Promise<void> | undefined;

  const lose = (tell: () => void): false => {
    lost += 1;
    tell();
    return false;
  };

  const take = (line: string, isEssential: boolean): boolean => {
    if (closing !== undefined) return lose(outage.refused);
    if (!fitsInto(maxFileBytes, line))
      return lose(() => outage.lost(1, `a line has more than ${maxFileBytes} bytes`));
    if (queue.add(line, isEssential)) return true;
    return lose(() => outage.lost(1, `more than ${maxQueueBytes} bytes wait to be written`));
  };

  const close = async (): Promise<void> => {
    stopRetention?.();
    await pump.drain();
    const left = queue.clear();
    lost += left;
    await pump.stop();
    outage.close(left);
  };

  return {
    write(line, { isEssential = true } = {}) {
      const taken = take(line, isEssential);
      pump.start();
      return taken;
    },
    flush: () => pump.drain(),
    close: () => (closing ??= close()),
    get stats() {
      return { written: pump.written, lost, queuedBytes: queue.bytes, lastError: outage.lastError };
    },
  };
};
