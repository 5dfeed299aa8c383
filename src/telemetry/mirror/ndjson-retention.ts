import type { WallTimers } from '../../later.ts';
import type { NdjsonFs } from './ndjson-fs.ts';
import { removeFilesBefore } from './ndjson-rotate.ts';

interface RetentionOptions {
  readonly path: string;
  readonly maxFiles: number;
  readonly retentionMs: number;
  readonly fs: NdjsonFs;
  readonly timers: WallTimers;
  /** Is told how many files were removed. */
  readonly onRemoved?: ((files: number) => void) | undefined;
}

const INTERVAL_MS = 3_600_000;

/** Removes what is older than that, now and each hour. What cannot be removed is tried again then. Returns what ends it. */
export const startRetention = ({
  path,
  maxFiles,
  retentionMs,
  fs,
  timers,
  onRemoved,
}: RetentionOptions): (() => void) => {
  let cancel = (): void => undefined;
  let stopped = false;
  const sweep = async (): Promise<void> => {
    const removed = await removeFilesBefore(fs, path, maxFiles, timers.wallMs() - retentionMs).catch(() => 0);
    if (stopped) return;
    if (removed > 0) onRemoved?.(removed);
    cancel = timers.later(INTERVAL_MS, () => void sweep());
  };
  void sweep();
  return () => {
    stopped = true;
    cancel();
  };
};
