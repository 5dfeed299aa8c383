const MICROSECOND = 1e3;
const MILLISECOND = 1e6;
const SECOND = 1e9;

/** A duration as people say it, three digits or so: `318µs`, `12.3ms`, `1.24s`, `2m05s`. */
export const formatDuration = (ns: bigint): string => {
  const value = Number(ns);
  if (value < 0) return `-${formatDuration(-ns)}`;
  // The bounds lie where rounding would give the next unit's number.
  if (value < 0.9995 * MILLISECOND) return `${Math.round(value / MICROSECOND)}µs`;
  if (value < 99.95 * MILLISECOND) return `${(value / MILLISECOND).toFixed(1)}ms`;
  if (value < 0.9995 * SECOND) return `${Math.round(value / MILLISECOND)}ms`;
  if (value < 59.995 * SECOND) return `${(value / SECOND).toFixed(2)}s`;
  const seconds = Math.round(value / SECOND);
  return `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, '0')}s`;
};

/** A time since the start, with the same precision all along: `+12.3ms`, `+1234.5ms`; `coarse` leaves out what is not known. */
export const formatSince = (ns: bigint, coarse = false): string => {
  const ms = Number(ns) / MILLISECOND;
  return `${ms < 0 ? '-' : '+'}${Math.abs(ms).toFixed(coarse ? 0 : 1)}ms`;
};

/** A number of bytes, in powers of a thousand. */
export const formatBytes = (bytes: number): string => {
  if (bytes < 1000) return `${bytes}B`;
  return bytes < 1e6 ? `${(bytes / 1000).toFixed(1)}kB` : `${(bytes / 1e6).toFixed(1)}MB`;
};
