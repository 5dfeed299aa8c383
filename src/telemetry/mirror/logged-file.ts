import type { TelemetryLog } from '../otel/diag.ts';
import { createNdjsonFile, type NdjsonFile } from './ndjson-file.ts';

/** A file of lines: where it is, what the log calls it, and its bounds. Plain data, which a thread can be handed. */
export interface FileSettings {
  readonly path: string;
  readonly what: string;
  readonly maxFileBytes: number;
  /** Infinite: none is removed for being one too many. */
  readonly maxFiles: number;
  readonly maxQueueBytes?: number;
  /** Files to which nothing was written for so long are removed; null: none is. */
  readonly retentionMs: number | null;
}

/** Of the 100 ms in which a line is in its file: the lines of this time share one write call. */
const GATHER_MS = 10;

interface Listeners {
  /** Makes the line to add after an outage that cost lines. */
  readonly lossLine?: (lost: number) => string;
  readonly onWritten?: (lines: number) => void;
}

/** Opens it; the log hears of its outages. */
export const openLoggedFile = (
  { path, what, retentionMs, ...bounds }: FileSettings,
  log: TelemetryLog,
  { lossLine, onWritten }: Listeners = {},
): NdjsonFile =>
  createNdjsonFile({
    path,
    gatherMs: GATHER_MS,
    ...bounds,
    ...(retentionMs !== null && { retentionMs }),
    onWritten,
    onRemoved: (files) =>
      log.info({ path, files }, `files of the ${what} older than PROXY_RETENTION_DAYS were removed`),
    onLost: (lost, error) =>
      log.error(
        { path, lost, error: String(error) },
        `cannot write the ${what}: ${lost > 0 ? 'lines are lost' : 'lines wait'}`,
      ),
    onUnwritten: (lost, error) =>
      log.error(
        { path, lost, error: String(error) },
        `the ${what} was closed, and lines of it were never written`,
      ),
    onRecovered: (lost) => {
      log.warn({ path, lost }, `the ${what} can be written again`);
      return lost > 0 ? lossLine?.(lost) : undefined;
    },
  });
