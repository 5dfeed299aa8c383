import type { Worker } from '../backend/app-server/worker/worker.ts';
import type { Telemetry, TraceSpan } from '../telemetry/index.ts';

/** What is not sampled, Codex does not export. */
const isSampled = (span: TraceSpan): boolean =>
  (Number.parseInt(span.carrier().traceparent.slice(-2), 16) & 1) === 1;

/** How long Codex may take to send the last spans when the gateway ends: it sends them once a second. */
const LAST_SPANS_MS = 3_000;

/**
 * Waits until the spans of Codex's last turns have come, as Codex loses those that are open when it ends, a little after their turn. It sends
 * spans in the order in which they ended, so those of a call that is made now come behind all that have ended.
 */
export const lastSpans =
  (telemetry: Telemetry) =>
  async ({ rpc }: Worker): Promise<void> => {
    const span = telemetry.openConnectionSpan('backend_end', {});
    const signal = AbortSignal.timeout(LAST_SPANS_MS);
    try {
      await rpc.callRpc({ span, signal }, 'config/read', {});
      if (isSampled(span)) await telemetry.backendSpans?.settled(span.traceId, signal);
    } catch {
      // It ends in any case: what is missing then is marked as such by whoever reads the trace.
    } finally {
      span.end();
    }
  };
