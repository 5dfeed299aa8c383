import type { HeldTexts, TraceSpan } from '../../../gateway/ports.ts';
import type { DeltaLine } from './delta-line.ts';

const isDelta = (method: string): boolean => /delta$/i.test(method);

/** Records the notifications of a turn. */
export interface Recorder {
  notification(span: TraceSpan, method: string, params: unknown): void;
  /** Records a delta of which nothing else was read. */
  delta(span: TraceSpan, line: DeltaLine, delta: string): void;
}

/** A delta's text may hold half a secret: what the event shows is the part that is safe by now. */
export const createRecorder = (): Recorder => {
  let texts: HeldTexts | null = null;
  const textsOf = (span: TraceSpan): HeldTexts => (texts ??= span.texts());
  const nameOf = (method: string, itemId: unknown): string => `${method} ${String(itemId)}`;
  const view = (span: TraceSpan, method: string, params: unknown): unknown => {
    if (!isDelta(method) || typeof params !== 'object' || params === null) return params;
    const { itemId, delta } = params as { itemId?: unknown; delta?: unknown };
    if (typeof delta !== 'string') return params;
    return { ...params, delta: textsOf(span).push(nameOf(method, itemId), delta) };
  };
  return {
    notification: (span, method, params) =>
      span.event('rpc_notification', {
        payload: { method, params: view(span, method, params) },
        bulk: isDelta(method),
      }),
    delta(span, { notification: { method, params }, before, after }, delta) {
      const payload = textsOf(span).frame(nameOf(method, params.itemId), before, delta, after);
      span.event('rpc_notification', { payload, bulk: true });
    },
  };
};
