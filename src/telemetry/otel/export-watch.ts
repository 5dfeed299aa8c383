import { TraceFlags } from '@opentelemetry/api';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import {
  BatchSpanProcessor,
  type BatchSpanProcessorOptions,
  type ReadableSpan,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import { createOutage, type OutageListeners } from '../mirror/ndjson-outage.ts';

/** Counts what cannot be exported, and tells once an outage, not once a batch. */
export interface ExportWatch {
  /** The SDK's own batches, in front of this exporter. */
  batches(exporter: SpanExporter, settings: Omit<BatchSpanProcessorOptions, 'exporter'>): SpanProcessor;
  /** Spans that were lost, or are still here: for the end of the process. */
  readonly unsent: number;
}

/** The SDK's own. */
const MAX_QUEUE = 2048;

/** `onLost` is told the first loss of an outage; `onRecovered`, once spans go out again and half of the queue is free, all of them. */
export const createExportWatch = (
  listeners: Pick<OutageListeners, 'onLost' | 'onRecovered'>,
): ExportWatch => {
  const outage = createOutage(listeners);
  let waiting = 0;
  let sending = 0;
  let lost = 0;

  const lose = (spans: number, why: string): void => {
    lost += spans;
    outage.lost(spans, why);
  };

  const watched = (exporter: SpanExporter, maxQueue: number): SpanExporter => {
    const settle = (spans: number, { code, error }: ExportResult): void => {
      sending -= spans;
      if (code !== ExportResultCode.SUCCESS) lose(spans, error?.message ?? 'the export failed');
      else if (waiting <= maxQueue / 2) outage.end();
    };
    return {
      export(spans: ReadableSpan[], done) {
        waiting -= spans.length;
        sending += spans.length;
        exporter.export(spans, (result) => {
          settle(spans.length, result);
          // The SDK would report each batch that fails; the outage has been told.
          done({ code: ExportResultCode.SUCCESS });
        });
      },
      forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
      shutdown: () => exporter.shutdown(),
    };
  };

  return {
    batches(exporter, settings) {
      const maxQueue = settings.maxQueueSize ?? MAX_QUEUE;
      const batches = new BatchSpanProcessor({ exporter: watched(exporter, maxQueue), ...settings });
      const enqueue = batches.onEnd.bind(batches);
      batches.onEnd = (span) => {
        if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
        // The SDK's queue has the same bound, but does not say what it drops before the outage is over.
        if (waiting >= maxQueue) return lose(1, `${maxQueue} spans wait already`);
        waiting++;
        enqueue(span);
      };
      return batches;
    },
    get unsent() {
      return lost + waiting + sending;
    },
  };
};
