import { setTimeout as pause } from 'node:timers/promises';
import { diag } from '@opentelemetry/api';
import { createBackOff } from '../../back-off.ts';
import { backgroundTimers, type Timers } from '../../later.ts';
import { type Fact, OP } from '../facts/ops.ts';
import { FactQueue } from '../facts/queue.ts';
import type { OtlpReceiverUrls, ReceiverPlace } from '../mirror/otlp-receiver.ts';
import type { TelemetryLog } from '../otel/diag.ts';
import { exportsSpans } from '../otel/variables.ts';
import type { Sanitizer } from '../sanitize.ts';
import { LossCount, ofShares, type Remains } from './loss-count.ts';
import type { FromThread, OfShares, ThreadLog, ThreadStart, ToThread } from './messages.ts';
import { ThreadTally } from './thread-tally.ts';

/** A thread that was started, or what stands for one. */
export interface RunningThread {
  post(message: ToThread): void;
  /** Ends it, whatever it does. */
  end(): Promise<unknown>;
}

/** Starts a thread. `onEnd` is called once, when it has ended by itself. */
export type StartThread = (
  start: ThreadStart,
  hear: (message: FromThread) => void,
  onEnd: (error: Error | null) => void,
) => RunningThread;

/** How long the thread may take to answer at the end, beside what it waits for itself. */
const EXPORT_MS = 5_500;
const CLOSE_MS = 6_000;
const END_MS = 250;
/** The thread itself keeps the process alive. */
const NO_REF = { ref: false };
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5_000;

interface SupervisorOptions {
  readonly start: Omit<ThreadStart, 'tally' | 'seq' | 'lost' | 'receiver'>;
  readonly startThread: StartThread;
  readonly sanitizer: Sanitizer;
  readonly log: TelemetryLog;
  /** For the pause before a thread is started again. */
  readonly timers?: Timers;
}

/** The telemetry thread as the thread that serves requests sees it: kept running, and told everything in order. */
export class TelemetryThread {
  readonly queue: FactQueue;
  readonly #options: SupervisorOptions;
  readonly #urls = Promise.withResolvers<OtlpReceiverUrls | null>();
  readonly #questions = new Map<number, () => void>();
  readonly #backOff = createBackOff({ firstMs: FIRST_PAUSE_MS, maxMs: MAX_PAUSE_MS });
  readonly #closed = Promise.withResolvers<void>();
  #exported = Promise.withResolvers<readonly ThreadLog[]>();
  #thread: RunningThread | null = null;
  /** Whether it said that its files are closed: what is lost was told by then. */
  #hasClosed = false;
  #place: ReceiverPlace | null = null;
  /** Batches for the thread that is to come. */
  #waiting: (readonly Fact[])[] = [];
  readonly #losses: LossCount;
  #ids = 0;
  #isClosing = false;
  #closing: Promise<void> | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    // Whoever needs them hears of it.
    this.#urls.promise.catch(() => undefined);
    this.queue = new FactQueue({
      timers: options.timers ?? backgroundTimers,
      log: options.log,
      post: (facts) => (this.#thread ? this.#thread.post(facts) : void this.#waiting.push(facts)),
    });
    options.sanitizer.onSecret((secret, isKept) =>
      this.queue.add(secret.length, isKept ? OP.keepSecret : OP.passSecret, secret),
    );
    this.#losses = new LossCount(this.queue.posted, options.start.mirror);
    this.#begin([0, 0], [0, 0]);
  }

  /** Where backends send their spans; null where there is no mirror. Rejects if the first thread cannot begin. */
  get urls(): Promise<OtlpReceiverUrls | null> {
    return this.#urls.promise;
  }

  get isRunning(): boolean {
    return this.#thread !== null;
  }

  /** Resolves once a trace of a backend is whole. Rejects with the signal's reason when that takes too long. */
  async settled(traceId: string, signal: AbortSignal): Promise<void> {
    const id = ++this.#ids;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const giveUp = (): void => reject(signal.reason);
    this.#questions.set(id, resolve);
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    this.#thread?.post({ type: 'settled', id, traceId });
    await promise.finally(() => {
      this.#questions.delete(id);
      signal.removeEventListener('abort', giveUp);
      this.#thread?.post({ type: 'stop', id, traceId });
    });
  }

  /** Ends the exports, in bounded time; gives the last lines for the log. */
  async endExports(): Promise<readonly ThreadLog[]> {
    this.queue.flush();
    if (!this.#thread) return [];
    this.#thread.post({ type: 'export' });
    return Promise.race([this.#exported.promise, pause(EXPORT_MS, [], NO_REF)]);
  }

  /** Writes what is left, closes the files and ends the thread, in bounded time. Twice is harmless. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.queue.tellLost();
    this.queue.flush();
    this.#isClosing = true;
    if (this.#thread) {
      this.#thread.post({ type: 'close' });
      await Promise.race([this.#closed.promise, pause(CLOSE_MS, undefined, NO_REF)]);
    }
    // A thread that hangs in the file system does not end: the end of the process does not wait for it.
    if (this.#thread) await Promise.race([this.#thread.end(), pause(END_MS, undefined, NO_REF)]);
    if (!this.#hasClosed) await this.#tellLast();
  }

  /** The thread has not closed its files, or there was none: nobody else tells what is lost. */
  async #tellLast(): Promise<void> {
    const { fields } = await this.#lossOf(this.#losses.take());
    if (fields.lost_lines + fields.lost_spans > 0)
      this.#options.log.error(fields, 'the telemetry thread did not end in order');
  }

  #begin(seq: OfShares, lost: OfShares): void {
    const { start, startThread, sanitizer } = this.#options;
    const memory = ThreadTally.memory();
    const given = { ...start, tally: memory, seq, lost, receiver: this.#place };
    this.#losses.begin(memory, seq);
    const onEnd = (error: Error | null) => this.#ended(error);
    this.#thread = startThread(given, (message) => this.#hear(message), onEnd);
    const secrets = sanitizer
      .secrets()
      .flatMap(({ secret, isKept }) => [isKept ? OP.keepSecret : OP.passSecret, secret]);
    if (secrets.length > 0) this.queue.post(secrets);
    for (const facts of this.#waiting) this.#thread.post(facts);
    this.#waiting = [];
  }

  #hear(message: FromThread): void {
    const { log } = this.#options;
    switch (message.type) {
      case 'ready':
        this.#backOff.reset();
        this.#place = message.place;
        return this.#urls.resolve(message.urls);
      case 'handled':
        return this.queue.handled();
      case 'log':
        return log[message.level](message.fields, message.message);
      case 'diag':
        return diag[message.level](message.text);
      case 'settled':
        return this.#questions.get(message.id)?.();
      case 'exported':
        return this.#exported.resolve(message.last);
      case 'closed':
        this.#hasClosed = true;
        return this.#closed.resolve();
    }
  }

  /** The thread has ended by itself: another one goes on, and what was lost is told. */
  #ended(error: Error | null): void {
    this.#thread = null;
    this.#exported.resolve([]);
    this.#exported = Promise.withResolvers();
    this.#urls.reject(error ?? new Error('the telemetry thread ended before it began'));
    if (this.#isClosing) return this.#closed.resolve();
    const remains = this.#losses.take();
    this.queue.renew();
    this.#waiting = [];
    void this.#again(error, remains);
  }

  async #lossOf(remains: Remains) {
    const { mirror, env } = this.#options.start;
    const lines = await this.#losses.lostLines(remains);
    const lost_spans = exportsSpans(env) ? remains.lostSpans : 0;
    return { lines, fields: { lost_lines: mirror ? lines[0] + lines[1] : 0, lost_spans } };
  }

  async #again(error: Error | null, remains: Remains): Promise<void> {
    const { log, timers = backgroundTimers } = this.#options;
    const { unhandled, numbers } = remains;
    const { lines, fields } = await this.#lossOf(remains);
    const waitMs = this.#backOff.next();
    const told = { error: error ?? 'it ended', ...fields, wait_ms: waitMs };
    log.error(told, 'the telemetry thread ended; starting it again');
    timers.later(waitMs, () => {
      if (!this.#isClosing)
        this.#begin(
          ofShares((share) => numbers[share] + unhandled[share]),
          lines,
        );
    });
  }
}
