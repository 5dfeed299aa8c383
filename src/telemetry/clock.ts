import type { HrTime } from '@opentelemetry/api';

/** Nanoseconds since the epoch, never backwards. */
export type Clock = () => bigint;

/**
 * Anchors the monotonic clock at an instant of the wall clock, which the two leave at different speeds. So each
 * request has a clock of its own, anchored where its first span begins: its spans and events share one scale.
 */
export const createClock = (nowNs = BigInt(Date.now()) * 1_000_000n): Clock => {
  const offset = nowNs - process.hrtime.bigint();
  return () => process.hrtime.bigint() + offset;
};

const BILLION = 1_000_000_000n;

/** Nanoseconds as the SDK has times: seconds, and the nanoseconds of the last one. */
export const toHrTime = (ns: bigint): HrTime => [Number(ns / BILLION), Number(ns % BILLION)];

/** The other way. */
export const fromHrTime = ([seconds, nanos]: HrTime): bigint => BigInt(seconds) * BILLION + BigInt(nanos);

/** `2026-11-21T09:00:00.123456Z`: UTC with microseconds, as every line of ours has it. */
export const toTimestamp = (ns: bigint): string => {
  const micros = String((ns / 1000n) % 1000n).padStart(3, '0');
  return `${new Date(Number(ns / 1_000_000n)).toISOString().slice(0, -1)}${micros}Z`;
};

/** The same for many instants, of which most lie in the second of the one before. */
export const createTimestamps = (): ((ns: bigint) => string) => {
  let second = -1n;
  let head = '';
  return (ns) => {
    const current = ns / BILLION;
    if (current !== second) {
      second = current;
      head = new Date(Number(current) * 1000).toISOString().slice(0, -4);
    }
    const micros = String((Number(ns % BILLION) / 1000) | 0).padStart(6, '0');
    return `${head}${micros}Z`;
  };
};
