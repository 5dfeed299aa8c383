import type { UpstreamFailure, UpstreamHead } from './upstream-call.ts';

/** Statuses of answers after which the same request may succeed later, or at another server. */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** No request waits longer than this before it is sent again. */
const MAX_WAIT_MS = 10_000;
/** The same where another backend can be asked instead, which is quicker. */
const MAX_WAIT_BEFORE_FAILOVER_MS = 1_000;

type Result = UpstreamHead | UpstreamFailure;

export const headerOf = ({ headers }: UpstreamHead, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.[0];
};

/**
 * Whether a request may be sent again after an attempt. `final`: no; `later`: after a wait; `fresh`: at once, on a new
 * connection.
 */
export const verdictOn = (result: Result): 'final' | 'later' | 'fresh' => {
  if (result.type === 'failed') return result.again === 'never' ? 'final' : result.again;
  return RETRYABLE.has(result.status) ? 'later' : 'final';
};

/** Whether the server says, with `x-should-retry: false`, that a retry is useless. */
export const forbidsRetry = (result: Result): boolean =>
  result.type === 'head' && headerOf(result, 'x-should-retry') === 'false';

/** Whether the status may mean that the server does not know a field of the request. */
export const refusesFields = (result: Result): result is UpstreamHead =>
  result.type === 'head' && (result.status === 400 || result.status === 422);

/** `Retry-After` in milliseconds: it holds seconds or an HTTP date. Null if it holds neither. */
export const retryAfterMs = (value: string | undefined, nowMs: number): number | null => {
  if (value === undefined) return null;
  if (/^\s*\d{1,9}(?:\.\d{1,9})?\s*$/.test(value)) return Number(value) * 1_000;
  const dateMs = /^[A-Za-z]{3,9},? /.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(dateMs) ? null : Math.max(0, dateMs - nowMs);
};

interface WaitOptions {
  /** What the backend asked for with `Retry-After`; null if it did not. */
  readonly askedMs: number | null;
  /** The gateway's own back-off. */
  readonly ownMs: number;
  readonly canFailOver: boolean;
  /** Until the request's deadline; undefined if it has none. */
  readonly remainingMs: number | undefined;
}

/** How long to wait before the request is sent again; null if that is too long, so the request is not sent again. */
export const waitBefore = ({ askedMs, ownMs, canFailOver, remainingMs }: WaitOptions): number | null => {
  const waitMs = Math.max(askedMs ?? 0, ownMs);
  const maxMs = canFailOver ? MAX_WAIT_BEFORE_FAILOVER_MS : MAX_WAIT_MS;
  return waitMs > maxMs || (remainingMs !== undefined && waitMs >= remainingMs) ? null : waitMs;
};
