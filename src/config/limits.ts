import { ConfigError, type Reader } from './reader.ts';

/** How much the gateway takes on at once, and how long it waits for clients. Times are in milliseconds. */
export interface Limits {
  /** Requests that use the backend, at once. */
  readonly maxConcurrency: number;
  /** Of these, streams. */
  readonly maxStreams: number;
  /** Of these, requests of one API key, waiting ones included; null where nobody has to share. */
  readonly maxPerKey: number | null;
  /** Requests that may wait for a place. */
  readonly queueMax: number;
  readonly queueWaitMs: number;
  /** How large a request's body may be. */
  readonly maxBodyBytes: number;
  /** How long a request's body may take to come. */
  readonly bodyTimeoutMs: number;
  /** After this long a client that takes no bytes is cut off. */
  readonly clientStallMs: number;
  /** How long open requests may go on once the gateway was told to stop. */
  readonly drainMs: number;
  /** After this long without a byte a stream gets a comment. */
  readonly keepaliveMs: number;
}

const MANY = 1_000_000;
const DAY_MS = 86_400_000;
/** No step of the work on a body of this size holds the event loop for more than 50 ms; docs/worst-inputs.md has the figures. */
const DEFAULT_BODY_BYTES = 12 * 1024 * 1024;
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** One key alone has nobody to share with; of several none may take more than half, unless the operator says so. */
const readMaxPerKey = (
  { given, whole }: Reader,
  keyNames: ReadonlySet<string>,
  maxConcurrency: number,
): number | null => {
  const value = given('PROXY_KEY_MAX_CONCURRENCY');
  if (value !== undefined && keyNames.size === 0)
    throw new ConfigError('PROXY_KEY_MAX_CONCURRENCY', value, 'only with PROXY_API_KEYS');
  if (value === undefined && keyNames.size < 2) return null;
  return whole('PROXY_KEY_MAX_CONCURRENCY', Math.ceil(maxConcurrency / 2), 1, MANY);
};

/** Reads what bounds the client side. Throws a `ConfigError` for the first value that is wrong. */
export const readLimits = (read: Reader, keyNames: ReadonlySet<string>): Limits => {
  const { whole } = read;
  const maxConcurrency = whole('PROXY_MAX_CONCURRENCY', 512, 1, MANY);
  return Object.freeze({
    maxConcurrency,
    maxStreams: whole('PROXY_SSE_MAX_CONCURRENCY', 256, 1, MANY),
    maxPerKey: readMaxPerKey(read, keyNames, maxConcurrency),
    queueMax: whole('PROXY_QUEUE_MAX', 256, 0, MANY),
    queueWaitMs: whole('PROXY_QUEUE_WAIT_MS', 2_000, 1, DAY_MS),
    maxBodyBytes: whole('PROXY_MAX_BODY_BYTES', DEFAULT_BODY_BYTES, 1024, MAX_BODY_BYTES),
    bodyTimeoutMs: whole('PROXY_BODY_TIMEOUT_MS', 60_000, 1, DAY_MS),
    clientStallMs: whole('PROXY_CLIENT_STALL_MS', 30_000, 1, DAY_MS),
    drainMs: whole('PROXY_DRAIN_MS', 10_000, 0, DAY_MS),
    keepaliveMs: whole('PROXY_KEEPALIVE_MS', 15_000, 1, DAY_MS),
  });
};
