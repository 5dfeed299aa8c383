import { createHash } from 'node:crypto';

const OFFSET = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;
const MAX = 2n ** 64n - 1n;

/** As in otel-collector.yaml. */
const SALT = 'throughline';

const fnv1a = (bytes: Uint8Array): bigint =>
  bytes.reduce((hash, byte) => ((hash ^ BigInt(byte)) * PRIME) & MAX, OFFSET);

/** Whether the collector's probabilistic policy keeps this trace: it hashes the salt and the trace id, so a test can know. */
export const isInShare = (traceId: string, percent: number): boolean => {
  const hash = fnv1a(Buffer.concat([Buffer.from(SALT), Buffer.from(traceId, 'hex')]));
  return hash <= (MAX * BigInt(Math.round(percent * 1000))) / 100_000n;
};

export type ClientTrace = { traceId: string; header: string };

/** The same trace ids in every run, and their `traceparent`. */
export const clientTraces = (seed: string, count: number): ClientTrace[] =>
  Array.from({ length: count }, (_, index) => {
    const traceId = createHash('sha256').update(`${seed} ${index}`).digest('hex').slice(0, 32);
    return { traceId, header: `00-${traceId}-${traceId.slice(16)}-01` };
  });
