/**
 * What the telemetry thread has done so far, in memory that it shares with the thread that serves requests: where it dies, what is lost can
 * still be counted.
 */
export class ThreadTally {
  readonly #cells: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.#cells = new Float64Array(memory);
  }

  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(CELLS * Float64Array.BYTES_PER_ELEMENT);
  }

  #get(cell: number): number {
    return this.#cells[cell] ?? 0;
  }

  #add(cell: number, count: number): void {
    this.#cells[cell] = this.#get(cell) + count;
  }

  /** A fact that makes a line of this share was worked on. */
  handledLine(share: number): void {
    this.#add(HANDLED + share, 1);
  }

  handledSpan(): void {
    this.#add(SPANS, 1);
  }

  /** A line was handed to the file of this share, under this number. */
  gave(share: number, nextSeq: number): void {
    this.#add(GIVEN + share, 1);
    this.#cells[SEQ + share] = nextSeq;
  }

  /** Lines are in the file, or their loss was told. */
  settled(share: number, lines: number): void {
    this.#add(SETTLED + share, lines);
  }

  set unsent(spans: number) {
    this.#cells[UNSENT] = spans;
  }

  get unsent(): number {
    return this.#get(UNSENT);
  }

  get spans(): number {
    return this.#get(SPANS);
  }

  handled(share: number): number {
    return this.#get(HANDLED + share);
  }

  /** Lines that were handed to the file and are neither in it nor told as lost. */
  unwritten(share: number): number {
    return this.#get(GIVEN + share) - this.#get(SETTLED + share);
  }

  nextSeq(share: number): number {
    return this.#get(SEQ + share);
  }
}

const SEQ = 0;
const HANDLED = 2;
const GIVEN = 4;
const SETTLED = 6;
const SPANS = 8;
const UNSENT = 9;
const CELLS = 10;
