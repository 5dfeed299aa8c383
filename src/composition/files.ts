import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Config } from '../config/index.ts';
import type { MirrorShare } from '../telemetry/index.ts';
import type { Log } from '../telemetry/log.ts';
import {
  createNdjsonFile,
  type NdjsonFile,
  type NdjsonFileOptions,
} from '../telemetry/mirror/ndjson-file.ts';
import { refusedPathOf } from '../telemetry/mirror/refused-path.ts';

const DAY_MS = 86_400_000;
const MIB = 1024 * 1024;
/** The bytes of one file, and how many of them the mirror has at least, so that what goes at once is a small part. */
const FILE_BYTES = 64 * MIB;
const MIN_MIRROR_FILES = 8;

type Bounds = Pick<NdjsonFileOptions, 'maxFileBytes' | 'maxFiles' | 'maxQueueBytes'>;

/** Some thousand refused requests; a flood of them overwrites its own. */
const REFUSED_SHARE = { maxFileBytes: 8 * MIB, maxFiles: 2, maxQueueBytes: 4 * MIB };
const REFUSED_BYTES = REFUSED_SHARE.maxFileBytes * REFUSED_SHARE.maxFiles;

/** The mirror may lose its oldest lines. */
const mainShare = ({ mirrorMaxBytes }: Config): Bounds => {
  const bytes = mirrorMaxBytes - REFUSED_BYTES;
  const maxFileBytes = Math.min(FILE_BYTES, Math.floor(bytes / MIN_MIRROR_FILES));
  return { maxFileBytes, maxFiles: Math.floor(bytes / maxFileBytes) };
};

/** The usage log is what is charged for: no file of it goes for being one too many. */
const USAGE_BOUNDS: Bounds = { maxFileBytes: FILE_BYTES, maxFiles: Number.POSITIVE_INFINITY };

/** What the start line says of what is removed. */
export const retentionOf = ({ mirrorMaxBytes, retentionDays }: Config): string => {
  const days = retentionDays === null ? '' : `, both for ${retentionDays} days`;
  return `mirror up to ${mirrorMaxBytes} bytes, usage log without a bound${days}`;
};

/** Opens one share of the mirror; the log hears of its outages. */
export const openMirrorShare = (
  config: Config,
  log: Log,
  share: MirrorShare,
  lossLine: (lost: number) => string,
): NdjsonFile =>
  share === 'main'
    ? openFile(config.mirrorPath, 'mirror', log, config, mainShare(config), lossLine)
    : openFile(
        refusedPathOf(config.mirrorPath),
        'mirror of refused requests',
        log,
        config,
        REFUSED_SHARE,
        lossLine,
      );

/** Opens the usage log; the log hears of its outages. */
export const openUsageLog = (config: Config, log: Log): NdjsonFile =>
  openFile(config.usagePath, 'usage log', log, config, USAGE_BOUNDS);

const openFile = (
  path: string,
  what: string,
  log: Log,
  { retentionDays }: Config,
  bounds: Bounds,
  lossLine?: (lost: number) => string,
): NdjsonFile =>
  createNdjsonFile({
    path,
    ...bounds,
    ...(retentionDays !== null && { retentionMs: retentionDays * DAY_MS }),
    onRemoved: (files) =>
      log.logger.info({ path, files }, `files of the ${what} older than PROXY_RETENTION_DAYS were removed`),
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
