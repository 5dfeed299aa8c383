import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { MirrorShare } from '../telemetry/index.ts';
import type { Log } from '../telemetry/log.ts';
import { createNdjsonFile, type NdjsonFileOptions } from '../telemetry/mirror/ndjson-file.ts';

export type NdjsonFile = ReturnType<typeof createNdjsonFile>;

/** Opens the mirror or the usage log; the log hears of its outages. */
export const openFile = (
  path: string,
  what: string,
  log: Log,
  lossLine?: (lost: number) => string,
  bounds: Pick<NdjsonFileOptions, 'maxFileBytes' | 'maxFiles' | 'maxQueueBytes'> = {},
): NdjsonFile =>
  createNdjsonFile({
    path,
    ...bounds,
    onLost: (lost, error) =>
      log.logger.error(
        { path, lost, error: String(error) },
        `cannot write the ${what}: ${lost > 0 ? 'lines are lost' : 'lines wait'}`,
      ),
    onUnwritten: (lost, error) =>
      log.logger.error(
        { path, lost, error: String(error) },
        `the ${what} was closed, and lines of it were never written`,
      ),
    onRecovered: (lost) => {
      log.logger.warn({ path, lost }, `the ${what} can be written again`);
      return lost > 0 ? lossLine?.(lost) : undefined;
    },
  });

const MIB = 1024 * 1024;

/** Some thousand refused requests; a flood of them overwrites its own. */
const REFUSED_SHARE = { maxFileBytes: 8 * MIB, maxFiles: 2, maxQueueBytes: 4 * MIB };

/** Opens one share of the mirror. */
export const openMirrorShare = (
  paths: Readonly<Record<MirrorShare, string>>,
  log: Log,
  share: MirrorShare,
  lossLine: (lost: number) => string,
): NdjsonFile =>
  share === 'main'
    ? openFile(paths.main, 'mirror', log, lossLine)
    : openFile(paths.refused, 'mirror of refused requests', log, lossLine, REFUSED_SHARE);

/** `PROXY_TRACE_REQUIRED`: no request is served unless it can be traced. */
export const assertWritable = async (path: string): Promise<void> => {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await (await open(path, 'a', 0o600)).close();
  } catch (cause) {
    throw new Error(
      `PROXY_TRACE_REQUIRED is set and the mirror cannot be written: ${(cause as Error).message}`,
    );
  }
};
