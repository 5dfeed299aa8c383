import type { OtlpKeyValue } from '../../src/telemetry/mirror/line.ts';

/** 2026-11-21T09:00:00.123Z: every fixture's request begins here. */
export const T0 = 1_795_251_600_123_000_000n;
export const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

export const at = (ms: number): bigint => T0 + BigInt(Math.round(ms * 1e6));

export const timestamp = (ns: bigint): string =>
  `${new Date(Number(ns / 1_000_000n)).toISOString().slice(0, -1)}${String((ns / 1000n) % 1000n).padStart(3, '0')}Z`;

/** Span ids that can be read: `id('turn/start')` is the same everywhere. */
export const id = (name: string): string => Buffer.from(name.padEnd(8, '.')).toString('hex').slice(-16);

export const attribute = (key: string, value: string | number | boolean): OtlpKeyValue => {
  if (typeof value === 'string') return { key, value: { stringValue: value } };
  if (typeof value === 'boolean') return { key, value: { boolValue: value } };
  return { key, value: Number.isInteger(value) ? { intValue: value } : { doubleValue: value } };
};
