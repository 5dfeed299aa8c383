import { ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Diagnostics } from '../diagnostics.ts';

export interface MirrorProcessorOptions {
  readonly exporter: SpanExporter;
  readonly diagnostics: Diagnostics;
  readonly delayMs: number;
  readonly maxQueue: number;
}

/**
 * Sends every ended span to the gateway's mirror, unsampled ones too: the SDK's `BatchSpanProcessor` drops those, and
 * making it believe that they are sampled would change the flags that the mirror keeps.
 */
export const createMirrorProcessor = (options: MirrorProcessorOptions): SpanProcessor => {
  const { exporter, diagnostics, delayMs, maxQueue } = options;
  let queue: ReadableSpan[] = [];
  let dropped = 0;
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> = Promise.resolve();

  const warnOfLoss = () => {
    if (dropped > 0) diagnostics.warn('mirror: spans dropped, the gateway does not take them', { dropped });
    dropped = 0;
  };
  const send = (spans: ReadableSpan[]): Promise<void> =>
    new Promise((resolve) => {
      exporter.export(spans, ({ code }) => {
        if (code !== ExportResultCode.SUCCESS) dropped += spans.length;
        warnOfLoss();
        resolve();
      });
    });
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    sending = sending.then(() => {
      const spans = queue;
      queue = [];
      return spans.length === 0 ? undefined : send(spans);
    });
    return sending;
  };

  return {
    onStart: () => undefined,
    onEnd(span) {
      if (queue.length >= maxQueue) {
        dropped += 1;
        return;
      }
      queue.push(span);
      timer ??= setTimeout(() => void flush(), delayMs).unref();
    },
    forceFlush: flush,
    shutdown: () => flush().then(() => exporter.shutdown()),
  };
};
