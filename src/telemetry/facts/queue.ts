import type { Timers } from '../../later.ts';
import type { TelemetryLog } from '../otel/diag.ts';
import { createOutage } from '../outage.ts';
import { type Fact, OP } from './ops.ts';

/** Takes batches of facts: the telemetry thread, or its core in this thread. */
export type PostBatch = (facts: readonly Fact[]) => void;

/** Facts are handed over when they have so many characters, or so long after the first of them. */
const BATCH_CHARS = 128 * 1024;
const BATCH_MS = 20;
/** What a field costs beside its characters. */
const CHARS_OF_FACT = 64;
/** What may be on its way before those who read from backends are asked to wait: what is handled in some 25 ms. */
const EASY_CHARS = 512 * 1024;
/** Beyond this lines are lost; the essential ones beyond so much of it. */
const MAX_CHARS = 4 * 1024 * 1024;
const ESSENTIAL_SHARE = 1.5;
/** How long one request may be made to wait in all. */
const MAX_WAIT_MS = 100;

/** How long a request was made to wait for telemetry so far. */
export interface Patience {
  waitedMs: number;
}

/** A number for the mirror, and one for its refused share. */
export type Shares = [main: number, refused: number];

export interface FactQueueOptions {
  readonly post: PostBatch;
  readonly timers: Timers;
  readonly log: TelemetryLog;
  /** 0: each fact is handed over at once. */
  readonly batchMs?: number;
  readonly maxChars?: number;
}

/** Collects facts into batches, with a bound on what is on its way. */
export class FactQueue {
  /** Counts the threads that have taken facts: what one was told the next one does not know. */
  generation = 1;
  /** Lines and spans that were handed over so far, those that were lost here not among them. */
  readonly posted = { lines: [0, 0] as Shares, spans: 0 };
  #facts: Fact[] = [];
  #chars = 0;
  /** The characters of each batch on its way, the oldest first. */
  #underWay: number[] = [];
  #charsUnderWay = 0;
  #lost: Shares = [0, 0];
  #cancelFlush: (() => void) | null = null;
  readonly #waiting = new Set<() => void>();
  readonly #options: FactQueueOptions;
  readonly #outage;

  constructor(options: FactQueueOptions) {
    this.#options = options;
    const { log } = options;
    this.#outage = createOutage({
      onLost: (lost, error) =>
        log.error({ lost, error: error.message }, 'telemetry cannot keep up: lines are lost'),
      onRecovered(lost) {
        log.warn({ lost }, 'telemetry keeps up again');
        return undefined;
      },
    });
  }

  /** What waits and what is on its way. */
  get #load(): number {
    return this.#chars + this.#charsUnderWay;
  }

  get #maxChars(): number {
    return this.#options.maxChars ?? MAX_CHARS;
  }

  /** Whether there is room for a line; where there is none, it is lost and counted. */
  admits(isEssential: boolean, isApart: boolean): boolean {
    const max = this.#maxChars;
    if (this.#load < (isEssential ? max * ESSENTIAL_SHARE : max)) return true;
    this.#lost[isApart ? 1 : 0] += 1;
    this.#outage.lost(1, `more than ${max} characters wait for the telemetry thread`);
    return false;
  }

  /** Whether there is room for a fact that is no line. */
  get hasRoom(): boolean {
    return this.#load < this.#maxChars;
  }

  /** Adds one operation with its fields. `chars`: the length of its texts. */
  add(chars: number, ...fact: Fact[]): void {
    this.#facts.push(...fact);
    this.added(chars);
  }

  /** The batch that is collected: whoever adds to it directly says so with `added`. */
  get facts(): Fact[] {
    return this.#facts;
  }

  added(chars: number): void {
    this.#chars += chars + CHARS_OF_FACT;
    if (this.#chars >= BATCH_CHARS || this.#options.batchMs === 0) this.flush();
    else
      this.#cancelFlush ??= this.#options.timers.later(this.#options.batchMs ?? BATCH_MS, () => this.flush());
  }

  /** Hands over what was collected. */
  flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = null;
    if (this.#facts.length === 0) return;
    const [facts, chars] = [this.#facts, this.#chars];
    this.#facts = [];
    this.#chars = 0;
    this.#underWay.push(chars);
    this.#charsUnderWay += chars;
    this.#options.post(facts);
  }

  /** Hands these over at once, before everything that was collected. */
  post(facts: readonly Fact[]): void {
    this.#underWay.push(0);
    this.#options.post(facts);
  }

  /** The oldest batch was handled. */
  handled(): void {
    this.#charsUnderWay -= this.#underWay.shift() ?? 0;
    if (this.#charsUnderWay > EASY_CHARS / 2) return;
    for (const goOn of [...this.#waiting]) goOn();
    this.tellLost();
  }

  /** Resolves when telemetry keeps up again, or when the request has waited long enough; null: go on. */
  room(patience: Patience): Promise<void> | null {
    if (this.#charsUnderWay < EASY_CHARS || patience.waitedMs >= MAX_WAIT_MS) return null;
    const { timers } = this.#options;
    const since = timers.now();
    return new Promise((resolve) => {
      const goOn = (): void => {
        cancel();
        this.#waiting.delete(goOn);
        patience.waitedMs += timers.now() - since;
        resolve();
      };
      const cancel = timers.later(MAX_WAIT_MS - patience.waitedMs, goOn);
      this.#waiting.add(goOn);
    });
  }

  /** The thread has ended: what it had and what was meant for it is gone. The next one is told everything anew. */
  renew(): void {
    this.generation++;
    this.#cancelFlush?.();
    this.#cancelFlush = null;
    this.#facts = [];
    this.#chars = 0;
    this.#underWay = [];
    this.#charsUnderWay = 0;
    for (const goOn of [...this.#waiting]) goOn();
  }

  /** Tells the thread what was lost on the way to it. */
  tellLost(): void {
    const all = this.#lost;
    this.#lost = [0, 0];
    for (const [share, lost] of all.entries()) if (lost > 0) this.add(0, OP.lost, share === 1, lost);
    this.#outage.end();
  }
}
