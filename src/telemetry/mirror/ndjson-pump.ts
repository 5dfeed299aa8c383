import { createBackOff } from '../../back-off.ts';
import type { Timers } from '../../later.ts';
import { type Outage, toError } from '../outage.ts';
import type { Appended, Appender } from './ndjson-append.ts';
import type { LineQueue } from './ndjson-queue.ts';

const MAX_DELAY_MS = 5000;
/** Nothing waits for more than so many bytes. */
const GATHERED_BYTES = 64 * 1024;

/** A time in which nothing is done, unless somebody is in a hurry. */
interface Pause {
  wait(ms: number): Promise<void>;
  /** Ends it, if there is one. */
  end(): void;
}

const createPause = (timers: Timers): Pause => {
  let end = (): void => undefined;
  return {
    async wait(ms) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const cancel = timers.later(ms, resolve);
      end = resolve;
      await promise;
      cancel();
    },
    end: () => end(),
  };
};

/** Lets the lines of some time come together, since a write call costs as much as a hundred of them. */
interface Gathering {
  wait(): Promise<void>;
  /** Ends it if enough have come. */
  look(): void;
  end(): void;
}

const createGathering = ({ queue, timers, gatherMs }: PumpOptions): Gathering => {
  const pause = createPause(timers);
  const isEnough = (): boolean => gatherMs === 0 || queue.bytes >= GATHERED_BYTES;
  return {
    async wait() {
      if (!isEnough()) await pause.wait(gatherMs);
    },
    look() {
      if (isEnough()) pause.end();
    },
    end: pause.end,
  };
};

/** Waits for `done`, unless `progress` stands still for so long: a file system may never answer. */
const unlessStalled = async (
  timers: Timers,
  stallMs: number,
  progress: () => number,
  done: Promise<void>,
): Promise<void> => {
  const { promise: stalled, resolve } = Promise.withResolvers<void>();
  let cancel = (): void => undefined;
  const watch = (before: number): void => {
    cancel = timers.later(stallMs, () => (progress() > before ? watch(progress()) : resolve()));
  };
  watch(progress());
  await Promise.race([done, stalled]);
  cancel();
};

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
  /** How long lines are gathered for one write call; 0: those of one turn. */
  readonly gatherMs: number;
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

const appendOldest = async (queue: LineQueue, appender: Appender): Promise<Appended> => {
  try {
    const room = await appender.room(queue.firstBytes());
    return await appender.append(queue.peek(room));
  } catch (error) {
    await appender.close();
    return { bytes: 0, error: toError(error) };
  }
};

const settle = (waiters: Iterable<Waiter>, target: number): void => {
  for (const waiter of waiters) if (waiter.target <= target) waiter.resolve();
};

export const createPump = (options: PumpOptions): Pump => {
  const { queue, appender, outage, timers, retryDelayMs, stallMs, onWritten } = options;
  const waiters = new Set<Waiter>();
  const backOff = createBackOff({ firstMs: retryDelayMs, maxMs: MAX_DELAY_MS });
  const retry = createPause(timers);
  const gathering = createGathering(options);
  let written = 0;
  let running = false;
  let stopped = false;

  /** Queues the line about an outage that is over; whoever waits, waits for it too. */
  const recover = (): void => {
    const line = outage.end();
    if (line === undefined) return;
    queue.force(line);
    for (const waiter of waiters) waiter.target = written + queue.length;
  };

  const step = async (): Promise<void> => {
    const { bytes, error } = await appendOldest(queue, appender);
    const lines = queue.drop(bytes);
    written += lines;
    onWritten?.(lines);
    if (!error) return backOff.reset();
    outage.failed(error);
    settle(waiters, Number.POSITIVE_INFINITY);
    if (!stopped) await retry.wait(backOff.next());
  };

  const run = async (): Promise<void> => {
    while (!stopped) {
      if (queue.length === 0) recover();
      settle(waiters, written);
      if (queue.length === 0) break;
      if (waiters.size === 0) await gathering.wait();
      if (!stopped) await step();
    }
    running = false;
    if (stopped) await appender.close();
  };

  return {
    get written() {
      return written;
    },
    start() {
      gathering.look();
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
      gathering.end();
      retry.end();
      await unlessStalled(timers, stallMs, () => written, promise);
      waiters.delete(waiter);
    },
    async stop() {
      stopped = true;
      gathering.end();
      retry.end();
      if (!running) await unlessStalled(timers, stallMs, () => written, appender.close());
    },
  };
};
