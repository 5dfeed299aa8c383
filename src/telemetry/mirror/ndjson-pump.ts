import type { Timers } from '../../later.ts';
import type { Appended, Appender } from './ndjson-appender.ts';
import { toError } from './ndjson-fs.ts';
import type { Outage } from './ndjson-outage.ts';
import { type LineQueue, toLine } from './ndjson-queue.ts';
import { createRetry, unlessStalled } from './ndjson-retry.ts';

/** Moves lines from the queue to the file in the background: as soon as there are some, and again after a failure. */
export interface Pump {
  /** Lines written so far. */
  readonly written: number;
  start(): void;
  /** Resolves when what is queued now is written or an attempt failed, or when nothing has moved for `stallMs`. */
  drain(): Promise<void>;
  /** Ends the background work and closes the file, without waiting for an attempt that hangs. */
  stop(): Promise<void>;
}

export interface PumpOptions {
  readonly queue: LineQueue;
  readonly appender: Appender;
  readonly outage: Outage;
  readonly timers: Timers;
  readonly retryDelayMs: number;
  readonly stallMs: number;
  /** Is told of lines that are in the file, at once. */
  readonly onWritten?: ((lines: number) => void) | undefined;
}

interface Waiter {
  /** How many lines have to be written. */
  target: number;
  readonly resolve: () => void;
}

/** Large, since a busy event loop comes back to the file seldom. */
const MAX_BATCH_BYTES = 2 * 1024 * 1024;

const appendOldest = async (queue: LineQueue, appender: Appender): Promise<Appended> => {
  try {
    const room = await appender.room(queue.firstBytes());
    return await appender.append(queue.peek(Math.min(room, MAX_BATCH_BYTES)));
  } catch (error) {
    await appender.close();
    return { bytes: 0, error: toError(error) };
  }
};

export const createPump = (options: PumpOptions): Pump => {
  const { queue, appender, outage, timers, retryDelayMs, stallMs, onWritten } = options;
  const waiters = new Set<Waiter>();
  const retry = createRetry(timers, retryDelayMs);
  let written = 0;
  let running = false;
  let stopped = false;

  const settle = (target: number): void => {
    for (const waiter of waiters) if (waiter.target <= target) waiter.resolve();
  };

  /** Queues the line about an outage that is over; whoever waits, waits for it too. */
  const recover = (): void => {
    const line = outage.end();
    if (line === undefined) return;
    queue.force(toLine(line));
    for (const waiter of waiters) waiter.target = written + queue.length;
  };

  const step = async (): Promise<void> => {
    const { bytes, error } = await appendOldest(queue, appender);
    const lines = queue.drop(bytes);
    written += lines;
    onWritten?.(lines);
    if (!error) return retry.reset();
    outage.failed(error);
    settle(Number.POSITIVE_INFINITY);
    if (!stopped) await retry.pause();
  };

  const run = async (): Promise<void> => {
    while (!stopped) {
      if (queue.length === 0) recover();
      settle(written);
      if (queue.length === 0) break;
      await step();
    }
    running = false;
    if (stopped) await appender.close();
  };

  return {
    get written() {
      return written;
    },
    start() {
      if (running || stopped) return;
      running = true;
      // Lines written in the same turn go out in one call.
      queueMicrotask(() => void run());
    },
    async drain() {
      if (!running) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const waiter = { target: written + queue.length, resolve };
      waiters.add(waiter);
      retry.now();
      await unlessStalled(timers, stallMs, () => written, promise);
      waiters.delete(waiter);
    },
    async stop() {
      stopped = true;
      retry.now();
      if (!running) await unlessStalled(timers, stallMs, () => written, appender.close());
    },
  };
};
