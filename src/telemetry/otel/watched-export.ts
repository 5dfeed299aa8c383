import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { createOutage, toError } from '../outage.ts';

/** Who is told of what could not be exported: once an outage, not once a batch. */
export interface ExportListeners {
  /** The first loss of an outage. */
  onLost?(lost: number, error: Error): void;
  /** Batches go out again and half of the queue is free; so many were lost in between. */
  onRecovered?(lost: number): void;
}

/** What the SDK's exporters of spans and of log records have in common. */
interface Exporter<Item> {
  export(items: Item[], done: (result: ExportResult) => void): void;
  forceFlush?(): Promise<void>;
  shutdown(): Promise<void>;
}

/** Counts what waits for an exporter, what is under way and what is lost, of one signal. */
export interface WatchedExport {
  /** A place in the queue for one more item; false where there is none, and then it is lost and counted. */
  enter(): boolean;
  /** Counts items that never got that far. */
  lose(items: number, error: Error): void;
  /** The exporter to hand to the SDK's batches, which only what has entered may reach. */
  through<Item>(exporter: Exporter<Item>): Required<Exporter<Item>>;
  /** What did not go out and was not told yet: lost in an outage that goes on, waiting, or under way. For the end of the process. */
  readonly unsent: number;
}

/**
 * Stands between the SDK's queue and its exporter. The SDK's queue has the same bound, but says late or not at all what it drops.
 *
 * @param maxQueue - how many items may wait; those under way do not count
 */
export const createWatchedExport = (maxQueue: number, listeners: ExportListeners): WatchedExport => {
  let [waiting, sending, untold] = [0, 0, 0];
  const outage = createOutage({
    onLost(count, error) {
      untold = 0;
      listeners.onLost?.(count, error);
    },
    onRecovered(count) {
      listeners.onRecovered?.(count);
      return undefined;
    },
  });

  const lose = (items: number, why: string | Error): void => {
    untold += items;
    outage.lost(items, why);
  };
  const settle = (items: number, { code, error }: ExportResult): void => {
    sending -= items;
    if (code !== ExportResultCode.SUCCESS) return lose(items, error ?? 'the export failed');
    // A batch that got through while the queue is full is no end: it would be told again and again.
    if (waiting > maxQueue / 2) return;
    untold = 0;
    outage.end();
  };

  return {
    enter() {
      if (waiting < maxQueue) {
        waiting++;
        return true;
      }
      lose(1, `${maxQueue} wait already`);
      return false;
    },
    lose,
    through: (exporter) => ({
      export(items, done) {
        waiting -= items.length;
        sending += items.length;
        const finish = (result: ExportResult): void => {
          settle(items.length, result);
          // The SDK would report each batch that fails; the outage has been told.
          done({ code: ExportResultCode.SUCCESS });
        };
        try {
          exporter.export(items, finish);
        } catch (error) {
          // What cannot be serialized: the exporter throws, and never answers.
          finish({ code: ExportResultCode.FAILED, error: toError(error) });
        }
      },
      forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
      shutdown: () => exporter.shutdown(),
    }),
    get unsent() {
      return untold + waiting + sending;
    },
  };
};
