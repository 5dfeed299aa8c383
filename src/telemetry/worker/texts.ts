import { KEPT_PIECES } from '../facts/ops.ts';
import type { Kind } from '../phases.ts';
import type { CapturePolicy } from '../policy/index.ts';
import { createTextStream, type TextStream } from '../text-stream.ts';
import { type CleanAround, cleanAround, type DescribedAround, describeAround } from './frames.ts';
import type { HeldBack } from './sources.ts';

/** The texts of one answer, cleaned in the order in which their pieces come. */
export class Texts {
  readonly scope: number;
  readonly #policy: CapturePolicy;
  readonly #hasGap: boolean;
  readonly #streams: TextStream[] = [];
  readonly #pieces: string[] = [];
  #count = 0;
  #rest: HeldBack | null = null;
  #before = '';
  #after = '';
  #around: CleanAround | null = null;
  readonly #described = new Map<Kind, DescribedAround | null>();
  /** How many secrets were known when `#around` was cleaned. */
  #secrets = -1;

  /** `hasGap`: a piece was lost before, so that nothing of these texts can be shown. */
  constructor(policy: CapturePolicy, scope: number, hasGap: boolean) {
    this.#policy = policy;
    this.scope = scope;
    this.#hasGap = hasGap;
  }

  /** Adds a piece of a text, and gives what is safe to show by then. */
  push(number: number, delta: string, more: number): string {
    let stream = this.#streams[number];
    if (!stream) {
      stream = createTextStream(this.#policy, { hasGap: this.#hasGap });
      this.#streams[number] = stream;
    }
    return stream.push(delta, more);
  }

  /** Keeps what is safe of a piece for the payload in which it stands. */
  keep(safe: string): void {
    this.#pieces[this.#count++ % KEPT_PIECES] = safe;
  }

  piece(number: number): string {
    const isKept = number < this.#count && number >= this.#count - KEPT_PIECES;
    return (isKept ? this.#pieces[number % KEPT_PIECES] : undefined) ?? '[not kept]';
  }

  /** Tells what is held back. `isWhole`: no more of the texts was to come; else it may end inside a secret. */
  tellRest(isWhole: boolean): void {
    const text = this.#streams.map((stream) => stream.flush()).join('');
    this.#rest = text === '' ? null : isWhole ? { held_text: text } : { held_chars: text.length };
  }

  get rest(): HeldBack | null {
    return this.#rest;
  }

  /** The JSON around a frame's piece; null: as it was around the last one. */
  around(before: string | null, after: string | null): readonly [before: string, after: string] {
    if (before !== null && after !== null) {
      this.#before = before;
      this.#after = after;
      this.#secrets = -1;
    }
    return [this.#before, this.#after];
  }

  /** What the sanitizer leaves of that; null where each frame has to be cleaned as a whole. */
  cleanAround(secrets: number): CleanAround | null {
    if (this.#secrets !== secrets) {
      this.#around = cleanAround(this.#before, this.#after, this.#policy.sanitizer);
      this.#described.clear();
      this.#secrets = secrets;
    }
    return this.#around;
  }

  /** How events of this kind describe a frame with that around its piece; null where each has to be described as a whole. */
  describeAround(clean: CleanAround, kind: Kind): DescribedAround | null {
    const known = this.#described.get(kind);
    if (known !== undefined) return known;
    const described = describeAround(this.#before, this.#after, clean, this.#policy, kind);
    this.#described.set(kind, described);
    return described;
  }
}
