/** No request waits longer than this for a backend that asks for patience. */
const MAX_WAIT_MS = 10_000;
/** Where another backend can be asked, that is quicker. */
const MAX_WAIT_BESIDE_ANOTHER_MS = 1_000;

/** What `Retry-After` says: seconds, or a date of HTTP; null where it says neither. */
export const retryAfterMs = (value: string | undefined, nowMs: number): number | null => {
  if (value === undefined) return null;
  if (/^\s*\d{1,9}(?:\.\d{1,9})?\s*$/.test(value)) return Number(value) * 1_000;
  const dateMs = /^[A-Za-z]{3,9},? /.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(dateMs) ? null : Math.max(0, dateMs - nowMs);
};

interface WaitOptions {
  /** What the backend asks for, or null. */
  readonly askedMs: number | null;
  /** What is waited where it asks for nothing. */
  readonly ownMs: number;
  readonly canFailOver: boolean;
  /** What the request still has; undefined where nobody knows. */
  readonly remainingMs: number | undefined;
}

/** How long to wait before a request is sent again; null where that would be too long. */
export const waitBefore = ({ askedMs, ownMs, canFailOver, remainingMs }: WaitOptions): number | null => {
  const waitMs = Math.max(askedMs ?? 0, ownMs);
  const maxMs = canFailOver ? MAX_WAIT_BESIDE_ANOTHER_MS : MAX_WAIT_MS;
  return waitMs > maxMs || (remainingMs !== undefined && waitMs >= remainingMs) ? null : waitMs;
};
