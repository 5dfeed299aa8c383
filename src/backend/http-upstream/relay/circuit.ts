import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleAll, IterableBackoff } from 'cockatiel';

/** How many requests in a row must fail before the backend is skipped. */
const MAX_FAILURES = 5;
/** How long it is skipped: longer after each probe that fails. */
const PAUSES_MS = [10_000, 20_000, 40_000, 60_000] as const;

/** For `/healthz`. */
export interface CircuitView {
  readonly state: 'closed' | 'open' | 'half_open';
  /** Failures in a row. */
  readonly failures: number;
  /** Milliseconds until it is tried again; null if it is not skipped. */
  readonly retryInMs: number | null;
}

/** Takes the result of an admitted request, once. Null: the result says nothing about the backend. */
export type RecordResult = (isGood: boolean | null) => Promise<void>;

/** Skips a backend that keeps failing for a while, then tries it with one request. */
export interface CircuitBreaker {
  readonly view: CircuitView;
  /** Call before a request is sent. Null: the backend is skipped. */
  admit(): RecordResult | null;
}

/** cockatiel counts and keeps the state. It only gets results, since no request may wait for another one. */
export const createCircuitBreaker = (wallMs: () => number): CircuitBreaker => {
  const breaker = new ConsecutiveBreaker(MAX_FAILURES);
  const policy = circuitBreaker(handleAll, { breaker, halfOpenAfter: new IterableBackoff(PAUSES_MS) });
  let opened = 0;
  let dueAtMs = 0;
  let isProbed = false;

  policy.onBreak(() => {
    const pauseMs = PAUSES_MS[Math.min(opened, PAUSES_MS.length - 1)] ?? 0;
    opened++;
    dueAtMs = wallMs() + pauseMs;
  });
  policy.onReset(() => {
    opened = 0;
  });

  const retryInMs = (): number => Math.max(0, dueAtMs - wallMs());
  const isOpen = (): boolean => policy.state === CircuitState.Open;

  /** One good result more changes nothing. */
  const isUntroubled = (): boolean => policy.state === CircuitState.Closed && breaker.state === 0;

  const record: RecordResult = async (isGood) => {
    if (isGood === null || (isGood && isUntroubled())) return;
    // While the backend is skipped, cockatiel rejects a late result: it changes nothing.
    await policy
      .execute(() => (isGood ? undefined : Promise.reject(new Error('the backend failed'))))
      .catch(() => undefined);
  };

  return {
    get view(): CircuitView {
      if (!isOpen()) return { state: 'closed', failures: breaker.state, retryInMs: null };
      const state = isProbed ? 'half_open' : 'open';
      return { state, failures: breaker.state, retryInMs: retryInMs() };
    },
    admit() {
      if (!isOpen()) return record;
      if (isProbed || retryInMs() > 0) return null;
      isProbed = true;
      return async (isGood) => {
        isProbed = false;
        await record(isGood);
      };
    },
  };
};
