/** Counters, each for the mirror and behind it for the refused share. */
const [OF_FACTS, OTHER, NO_LINE, SETTLED, MISSED] = [0, 2, 4, 6, 8];
const SPANS = 10;
const UNSENT = 11;
const CELLS = 12;

/**
 * What the telemetry thread has done so far, in memory that it shares with the thread that serves requests: where it dies, what is lost can
 * still be counted. Each fact and each line is one step of one counter, so that no moment of death lies between two of them.
 */
export class ThreadTally {
  readonly #cells: Float64Array;
  /** The share of the fact that is worked on and has made no line yet. */
  #fact: number | null = null;

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

  /** A fact that makes a line of this share is worked on from now on. */
  beginFact(share: number): void {
    this.#fact = share;
  }

  /** It was worked on. */
  endFact(): void {
    if (this.#fact !== null) this.#add(NO_LINE + this.#fact, 1);
    this.#fact = null;
  }

  /** A line is handed to the file of this share. */
  giveLine(share: number): void {
    this.#add((share === this.#fact ? OF_FACTS : OTHER) + share, 1);
    if (share === this.#fact) this.#fact = null;
  }

  /** Lines are in the file, or their loss was told. */
  settled(share: number, lines: number): void {
    this.#add(SETTLED + share, lines);
  }

  /** Lines were lost before they came here; their numbers were passed over. */
  missed(share: number, lines: number): void {
    this.#add(MISSED + share, lines);
  }

  handledSpan(): void {
    this.#add(SPANS, 1);
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

  /** Facts that make a line and were worked on. */
  handled(share: number): number {
    return this.#get(OF_FACTS + share) + this.#get(NO_LINE + share);
  }

  /** How many numbers of lines were used. */
  numbers(share: number): number {
    return this.#get(OF_FACTS + share) + this.#get(OTHER + share) + this.#get(MISSED + share);
  }

  /** Lines that were handed to the file and are neither in it nor told as lost. */
  unwritten(share: number): number {
    return this.#get(OF_FACTS + share) + this.#get(OTHER + share) - this.#get(SETTLED + share);
  }
}
