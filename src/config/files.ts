import type { Reader } from './reader.ts';

/** What of the mirror and the usage log is removed. */
export interface FileBounds {
  /** The mirror's files together; its oldest one goes first. The usage log has no such bound. */
  readonly mirrorMaxBytes: number;
  /** Mirror and usage log lose what is older; null: nothing goes for its age. */
  readonly retentionDays: number | null;
}

const MIB = 1024 * 1024;
const MIRROR_BYTES = 512 * MIB;
/** Half of it is for requests that were refused before a key was known; one of the other files has to hold the longest lines. */
const MIN_MIRROR_BYTES = 32 * MIB;
const MAX_DAYS = 36_500;

/** Reads what bounds the files. Throws a `ConfigError` for the first value that is wrong. */
export const readFileBounds = ({ given, whole }: Reader): FileBounds => ({
  mirrorMaxBytes: whole('PROXY_MIRROR_MAX_BYTES', MIRROR_BYTES, MIN_MIRROR_BYTES, Number.MAX_SAFE_INTEGER),
  retentionDays:
    given('PROXY_RETENTION_DAYS') === undefined ? null : whole('PROXY_RETENTION_DAYS', 1, 1, MAX_DAYS),
});
