import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleAll, IterableBackoff } from 'cockatiel';

/** So many requests in a row must fail before the backend is skipped. */
const MAX_FAILURES = 5;
/** How long it is then left alone; each time that it has failed again, a bit longer. */
const PAUSES_MS = [10_000, 20_000, 40_000, 60_000] as const;

/** For `/healthz`. */
export interface CircuitView {
  readonly state: 'closed' | 'open' | 'half_open';
  /** Failures in a row. */
  readonly failures: number;
  /** When it is tried again, in milliseconds from now; null while it is tried anyway. */
  readonly retryInMs: number | null;
}

/** What became of a request that was admitted; null: it says nothing of the backend. Told once. */
export type RecordResult = (isGood: boolean | null) => Promise<void>;

/** Whether a backend is worth asking: one that keeps failing is skipped for a while, then tried by one request. */
export interface CircuitBreaker {
  readonly view: CircuitView;
  /** Asked before a request is sent; null where the backend is left alone. */
  admit(): RecordResult | null;
}

/** The library counts and keeps the state; it is told results alone, since a request must never wait for another one's. */
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

  const record: RecordResult = async (isGood) => {
    if (isGood === null) return;
    // A result that comes while the backend is left alone changes nothing: the library refuses it.
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
