import type { OtlpSpan } from './line.ts';

/** Knows of the latest traces of a backend whether they lack spans that are still to come. */
export interface WholeTraces {
  add(span: Pick<OtlpSpan, 'traceId' | 'spanId' | 'parentSpanId' | 'kind'>): void;
  /** An export has been taken: whoever waits is asked again. */
  exported(): void;
  /**
   * Resolves once a span of this trace has come and no span of the latest traces waits for its parent. Rejects with the signal's reason
   * when that takes too long.
   */
  settled(traceId: string, signal: AbortSignal): Promise<void>;
}

interface Trace {
  /** When its last span came, in milliseconds. */
  lastMs: number;
  readonly seen: Set<string>;
  /** Parents that have not come: a span is sent when it has ended, and its children mostly end before. */
  readonly awaited: Set<string>;
}

const SERVER = 2;
const CONSUMER = 5;
/** A parent that has not come by then was lost, or is of a turn that has ended and been forgotten. */
const RECENT_MS = 5_000;
const MAX_TRACES = 256;
const MAX_SPANS = 20_000;

/** `nowMs` is a clock that only runs forward. */
export const createWholeTraces = (nowMs: () => number): WholeTraces => {
  const traces = new Map<string, Trace>();
  const waiting = new Set<() => void>();

  const touch = (traceId: string): Trace => {
    const trace = traces.get(traceId) ?? { lastMs: 0, seen: new Set(), awaited: new Set() };
    trace.lastMs = nowMs();
    // Anew, so that the order is that of the last spans.
    traces.delete(traceId);
    traces.set(traceId, trace);
    const oldest = traces.keys().next();
    if (traces.size > MAX_TRACES && !oldest.done) traces.delete(oldest.value);
    return trace;
  };

  const lacksSpans = (): boolean => {
    const since = nowMs() - RECENT_MS;
    for (const { lastMs, awaited } of traces.values()) if (lastMs >= since && awaited.size > 0) return true;
    return false;
  };

  return {
    add({ traceId, spanId, parentSpanId, kind }) {
      const { seen, awaited } = touch(traceId);
      if (seen.size >= MAX_SPANS) return;
      seen.add(spanId);
      awaited.delete(spanId);
      // The parent of these is a span of another process.
      if (kind === SERVER || kind === CONSUMER) return;
      if (parentSpanId && !seen.has(parentSpanId)) awaited.add(parentSpanId);
    },
    exported() {
      for (const look of [...waiting]) look();
    },
    async settled(traceId, signal) {
      const isSettled = (): boolean => traces.has(traceId) && !lacksSpans();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const look = (): void => void (isSettled() && resolve());
      const giveUp = (): void => reject(signal.reason);
      waiting.add(look);
      signal.addEventListener('abort', giveUp, { once: true });
      if (signal.aborted) giveUp();
      look();
      await promise.finally(() => {
        waiting.delete(look);
        signal.removeEventListener('abort', giveUp);
      });
    },
  };
};
