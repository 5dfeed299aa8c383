import { setTimeout as pause } from 'node:timers/promises';
import type { FactQueue } from '../facts/queue.ts';
import { lastNumberIn } from '../mirror/last-number.ts';
import type { MirrorSettings, OfShares } from './messages.ts';
import { ThreadTally } from './thread-tally.ts';

/** How long the files of a thread that has ended may take to be read. */
const LOOK_MS = 1_000;

export const ofShares = (count: (share: 0 | 1) => number): OfShares => [count(0), count(1)];

/** What a thread that has ended has left. */
export interface Remains {
  /** Facts that it did not work on. */
  readonly unhandled: OfShares;
  /** The numbers of the next lines. */
  readonly numbers: OfShares;
  readonly unwritten: OfShares;
  readonly lostSpans: number;
}

/** Counts what is lost with a telemetry thread that ends, and what was meant for the next one. */
export class LossCount {
  readonly #posted: FactQueue['posted'];
  readonly #mirror: MirrorSettings | null;
  #tally = new ThreadTally(ThreadTally.memory());
  #seq: OfShares = [0, 0];
  /** What was handed over before. */
  #counted: { readonly lines: OfShares; readonly spans: number } = { lines: [0, 0], spans: 0 };

  constructor(posted: FactQueue['posted'], mirror: MirrorSettings | null) {
    this.#posted = posted;
    this.#mirror = mirror;
  }

  /** A thread begins, with these numbers. */
  begin(memory: SharedArrayBuffer, seq: OfShares): void {
    this.#tally = new ThreadTally(memory);
    this.#seq = seq;
  }

  /** What the thread has left. Each line and span is counted in one call alone. */
  take(): Remains {
    const [tally, seq] = [this.#tally, this.#seq];
    const { lines, spans } = this.#posted;
    const before = this.#counted;
    this.#counted = { lines: [...lines], spans };
    this.#tally = new ThreadTally(ThreadTally.memory());
    return {
      unhandled: ofShares((share) => lines[share] - before.lines[share] - tally.handled(share)),
      numbers: ofShares((share) => seq[share] + tally.numbers(share)),
      unwritten: ofShares((share) => tally.unwritten(share)),
      lostSpans: spans - before.spans - tally.spans + tally.unsent,
    };
  }

  /** How many lines are lost with that. */
  async lostLines({ unhandled, numbers, unwritten }: Remains): Promise<OfShares> {
    const inFile = await this.#written(numbers, unwritten);
    return ofShares((share) => unhandled[share] + unwritten[share] - inFile[share]);
  }

  /** Of the lines of which the thread did not hear that they were written, how many are in the files: a write may have been under way. */
  async #written(numbers: OfShares, unwritten: OfShares): Promise<OfShares> {
    if (!this.#mirror || (unwritten[0] <= 0 && unwritten[1] <= 0)) return [0, 0];
    const { main, refused } = this.#mirror;
    const read = Promise.all([lastNumberIn(main.path), lastNumberIn(refused.path)]);
    const found = await Promise.race([read, pause(LOOK_MS, [null, null] as const, { ref: false })]);
    return ofShares((share) => {
      const last = found[share];
      const first = numbers[share] - unwritten[share];
      return last === null || last < first || last >= numbers[share] ? 0 : last + 1 - first;
    });
  }
}
