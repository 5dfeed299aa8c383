import { notKept } from '../bound.ts';
import type { brand, HeldRest, HeldTexts, Payload, ShownText } from '../held-texts.ts';
import { MAX_DELTA_CHARS } from '../text-stream.ts';
import { copyPayload } from './copy.ts';
import type { ScopeNote } from './note.ts';
import { OP } from './ops.ts';
import { HandedPayload, LEFT_OUT } from './payload.ts';
import { Piece } from './piece.ts';
import type { FactQueue } from './queue.ts';

/** The texts of an answer, of which something is held back: its rest is told with a payload. */
export class Rest implements HeldRest {
  declare readonly [brand]: 'rest';
  readonly ref: number;

  constructor(ref: number) {
    this.ref = ref;
  }
}

/** What stands for pieces where nothing is captured. */
export const NO_TEXTS: HeldTexts = {
  size: 0,
  has: () => false,
  push: () => '',
  frame: () => LEFT_OUT,
  rest: () => null,
};

/** What stands around a piece of text is handed over whole up to this length. */
const MAX_FRAME_CHARS = 64 * 1024;

/** The part of a delta that is handed over, and how many characters are left out. */
const cutDelta = (delta: string): readonly [text: string, more: number] =>
  delta.length > MAX_DELTA_CHARS
    ? [delta.slice(0, MAX_DELTA_CHARS), delta.length - MAX_DELTA_CHARS]
    : [delta, 0];

interface TextsOptions {
  readonly queue: FactQueue;
  readonly scope: ScopeNote;
  readonly newRef: () => number;
  /** Tells the thread of the scope where it does not know it. */
  readonly tell: (scope: ScopeNote) => void;
  /** Name of the member that marks a piece. */
  readonly marker: string;
}

/**
 * Hands the deltas of an answer's texts over, which the telemetry thread cleans in their order. Its methods may be taken out of it: whoever
 * reads an answer hands them on.
 */
export class HandedTexts implements HeldTexts {
  readonly #options: TextsOptions;
  readonly #numbers = new Map<string, number>();
  #ref = 0;
  #generation = 0;
  #pieces = 0;
  #hasGap = false;
  /** The pieces of JSON around the last frame. */
  #before = '';
  #after = '';

  constructor(options: TextsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#numbers.size;
  }

  readonly has = (of: string): boolean => {
    return this.#numbers.has(of);
  };

  readonly push = (of: string, delta: string): ShownText | string => {
    const { queue, marker } = this.#options;
    const number = this.#numberOf(of);
    if (!this.#isOpen()) return notKept(delta.length);
    const [text, more] = cutDelta(delta);
    queue.facts.push(OP.delta, this.#ref, number, text, more);
    queue.added(text.length);
    return new Piece({ [marker]: [this.#ref, this.#pieces++] });
  };

  readonly frame = (of: string, before: string, delta: string, after: string): Payload => {
    const { queue, scope } = this.#options;
    if (before.length + after.length > MAX_FRAME_CHARS) return this.#largeFrame(of, before, delta, after);
    const number = this.#numberOf(of);
    if (!this.#isOpen()) return HandedPayload.lost();
    const [text, more] = cutDelta(delta);
    const isSame = before === this.#before && after === this.#after;
    this.#before = before;
    this.#after = after;
    if (isSame) queue.facts.push(OP.frame, scope.ref, this.#ref, number, null, text, null, more);
    else queue.facts.push(OP.frame, scope.ref, this.#ref, number, before, text, after, more);
    queue.added(text.length + (isSame ? 0 : before.length + after.length));
    return new HandedPayload(scope, scope.payloads++, queue.generation, null);
  };

  readonly rest = (isWhole: boolean): HeldRest | null => {
    if (this.#numbers.size === 0 || !this.#isOpen()) return null;
    this.#options.queue.add(0, OP.rest, this.#ref, isWhole);
    return new Rest(this.#ref);
  };

  /** A frame of which an event can show the beginning alone. */
  #largeFrame(of: string, before: string, delta: string, after: string): Payload {
    this.push(of, delta);
    const copy = copyPayload(JSON.parse(before + JSON.stringify(notKept(delta.length)) + after));
    return new HandedPayload(null, 0, 0, copy);
  }

  #numberOf(of: string): number {
    const known = this.#numbers.get(of);
    if (known !== undefined) return known;
    this.#numbers.set(of, this.#numbers.size);
    return this.#numbers.size - 1;
  }

  /** Whether a piece can be handed over. Where the thread does not know these texts, or a piece was lost, they begin anew. */
  #isOpen(): boolean {
    const { queue, scope } = this.#options;
    if (scope.isGone) return false;
    if (!queue.hasRoom) {
      this.#hasGap = true;
      return false;
    }
    if (this.#generation !== queue.generation || this.#hasGap) this.#begin();
    return true;
  }

  #begin(): void {
    const { queue, scope, tell, newRef } = this.#options;
    tell(scope);
    const isAnew = this.#generation !== 0 || this.#hasGap;
    this.#ref = newRef();
    this.#generation = queue.generation;
    this.#pieces = 0;
    this.#hasGap = false;
    this.#before = '';
    this.#after = '';
    queue.add(0, OP.texts, this.#ref, scope.ref, isAnew);
  }
}
