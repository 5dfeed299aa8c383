import { setTimeout as pause } from 'node:timers/promises';
import { diag } from '@opentelemetry/api';
import { createBackOff } from '../../back-off.ts';
import { backgroundTimers, type Timers } from '../../later.ts';
import { type Fact, OP } from '../facts/ops.ts';
import { FactQueue } from '../facts/queue.ts';
import { lastNumberIn } from '../mirror/last-number.ts';
import type { OtlpReceiverUrls, ReceiverPlace } from '../mirror/otlp-receiver.ts';
import type { TelemetryLog } from '../otel/diag.ts';
import type { Sanitizer } from '../sanitize.ts';
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
/** How long the files of a thread that has ended may take to be read. */
const LOOK_MS = 1_000;
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

const ofShares = (count: (share: 0 | 1) => number): OfShares => [count(0), count(1)];

/** What a thread that has ended has left. */
interface Remains {
  /** Facts that it did not work on. */
  readonly unhandled: OfShares;
  /** The numbers of the next lines. */
  readonly numbers: OfShares;
  readonly unwritten: OfShares;
  readonly lostSpans: number;
}

/** What threads that have ended were handed. */
interface Counted {
  readonly lines: OfShares;
  readonly spans: number;
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
  #place: ReceiverPlace | null = null;
  /** Batches for the thread that is to come. */
  #waiting: (readonly Fact[])[] = [];
  #counted: Counted = { lines: [0, 0], spans: 0 };
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
    if (!this.#thread) return;
    this.#thread.post({ type: 'close' });
    const isDone = this.#closed.promise.then(() => true);
    if (!(await Promise.race([isDone, pause(CLOSE_MS, false, NO_REF)])))
      this.#options.log.error(
        { waited_ms: CLOSE_MS },
        'the telemetry thread does not end: lines may be lost',
      );
    // A thread that hangs in the file system does not end: the end of the process does not wait for it.
    if (this.#thread) await Promise.race([this.#thread.end(), pause(END_MS, undefined, NO_REF)]);
  }

  #begin(seq: OfShares, lost: OfShares): void {
    const { start, startThread, sanitizer } = this.#options;
    const memory = ThreadTally.memory();
    const given = { ...start, tally: memory, seq, lost, receiver: this.#place };
    const onEnd = (error: Error | null) => this.#ended(error, new ThreadTally(memory), seq);
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
        return this.#closed.resolve();
    }
  }

  /** The thread has ended by itself: another one goes on, and what was lost is told. */
  #ended(error: Error | null, tally: ThreadTally, seq: OfShares): void {
    this.#thread = null;
    this.#exported.resolve([]);
    this.#exported = Promise.withResolvers();
    this.#urls.reject(error ?? new Error('the telemetry thread ended before it began'));
    if (this.#isClosing) return this.#closed.resolve();
    const { lines, spans } = this.queue.posted;
    const { lines: linesBefore, spans: spansBefore } = this.#counted;
    const unhandled = ofShares((share) => lines[share] - linesBefore[share] - tally.handled(share));
    const lostSpans = spans - spansBefore - tally.spans + tally.unsent;
    this.#counted = { lines: [...lines], spans };
    this.queue.renew();
    this.#waiting = [];
    const numbers = ofShares((share) => seq[share] + tally.numbers(share));
    const unwritten = ofShares((share) => tally.unwritten(share));
    void this.#again(error, { unhandled, numbers, unwritten, lostSpans });
  }

  async #again(error: Error | null, { unhandled, numbers, unwritten, lostSpans }: Remains): Promise<void> {
    const { log, start, timers = backgroundTimers } = this.#options;
    const inFile = await this.#written(numbers, unwritten);
    const lost = ofShares((share) => unhandled[share] + unwritten[share] - inFile[share]);
    const waitMs = this.#backOff.next();
    const fields = {
      lost_lines: start.mirror ? lost[0] + lost[1] : 0,
      lost_spans: lostSpans,
      wait_ms: waitMs,
    };
    log.error({ error: error ?? 'it ended', ...fields }, 'the telemetry thread ended; starting it again');
    timers.later(waitMs, () => {
      if (!this.#isClosing)
        this.#begin(
          ofShares((share) => numbers[share] + unhandled[share]),
          lost,
        );
    });
  }

  /** Of the lines of which the thread did not hear that they were written, how many are in the files: a write may have been under way. */
  async #written(numbers: OfShares, unwritten: OfShares): Promise<OfShares> {
    const { mirror } = this.#options.start;
    if (!mirror || (unwritten[0] <= 0 && unwritten[1] <= 0)) return [0, 0];
    const read = Promise.all([lastNumberIn(mirror.main.path), lastNumberIn(mirror.refused.path)]);
    const found = await Promise.race([read, pause(LOOK_MS, [null, null] as const, NO_REF)]);
    return ofShares((share) => {
      const last = found[share];
      const first = numbers[share] - unwritten[share];
      return last === null || last < first || last >= numbers[share] ? 0 : last + 1 - first;
    });
  }
}
