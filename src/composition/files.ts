import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Config } from '../config/index.ts';
import type { MirrorSettings } from '../telemetry/index.ts';
import type { Log } from '../telemetry/log.ts';
import { type FileSettings, openLoggedFile } from '../telemetry/mirror/logged-file.ts';
import type { NdjsonFile } from '../telemetry/mirror/ndjson-file.ts';
import { refusedPathOf } from '../telemetry/mirror/refused-path.ts';

const DAY_MS = 86_400_000;
const MIB = 1024 * 1024;
/** The bytes of one file, and how many of them the mirror has at least, so that what goes at once is a small part. */
const FILE_BYTES = 64 * MIB;
const MIN_MIRROR_FILES = 8;

/** Some thousand refused requests; a flood of them overwrites its own. */
const REFUSED_SHARE = { maxFileBytes: 8 * MIB, maxFiles: 2, maxQueueBytes: 4 * MIB };
const REFUSED_BYTES = REFUSED_SHARE.maxFileBytes * REFUSED_SHARE.maxFiles;

/** The mirror may lose its oldest lines. */
const mainShare = ({ mirrorMaxBytes }: Config): Pick<FileSettings, 'maxFileBytes' | 'maxFiles'> => {
  const bytes = mirrorMaxBytes - REFUSED_BYTES;
  const maxFileBytes = Math.min(FILE_BYTES, Math.floor(bytes / MIN_MIRROR_FILES));
  return { maxFileBytes, maxFiles: Math.floor(bytes / maxFileBytes) };
};

/** What the start line says of what is removed. */
export const retentionOf = ({ mirrorMaxBytes, retentionDays }: Config): string => {
  const days = retentionDays === null ? '' : `, both for ${retentionDays} days`;
  return `mirror up to ${mirrorMaxBytes} bytes, usage log without a bound${days}`;
};

const retentionMsOf = ({ retentionDays }: Config): number | null =>
  retentionDays === null ? null : retentionDays * DAY_MS;

/** The files of the mirror; null when it is off. `pid` is of one process of several. */
export const mirrorSettings = (config: Config, pid?: number): MirrorSettings | null => {
  if (!config.mirror) return null;
  const retentionMs = retentionMsOf(config);
  return {
    ...(pid !== undefined && { pid }),
    main: { path: config.mirrorPath, what: 'mirror', retentionMs, ...mainShare(config) },
    refused: {
      path: refusedPathOf(config.mirrorPath),
      what: 'mirror of refused requests',
      retentionMs,
      ...REFUSED_SHARE,
    },
  };
};

/** Opens the usage log; the log hears of its outages. It is what is charged for: no file of it goes for being one too many. */
export const openUsageLog = (config: Config, log: Log): NdjsonFile =>
  openLoggedFile(
    {
      path: config.usagePath,
      what: 'usage log',
      maxFileBytes: FILE_BYTES,
      maxFiles: Number.POSITIVE_INFINITY,
      retentionMs: retentionMsOf(config),
    },
    log.logger,
  );

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
