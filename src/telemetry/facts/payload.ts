import type { brand, Payload } from '../held-texts.ts';
import { type Copied, NOTHING } from './copy.ts';
import type { ScopeNote } from './note.ts';
import { FORM, KEPT_PAYLOADS, USES } from './ops.ts';

const LOST: Copied = { form: FORM.text, a: '[not kept]', b: 0 };

/** A payload that was handed over before the events that show it. */
export class HandedPayload implements Payload {
  declare readonly [brand]: 'payload';
  readonly #scope: ScopeNote | null;
  readonly #number: number;
  readonly #generation: number;
  /** What is handed over again where the thread does not have it any more. */
  readonly #copy: Copied | null;
  #uses = 0;

  constructor(scope: ScopeNote | null, number: number, generation: number, copy: Copied | null) {
    this.#scope = scope;
    this.#number = number;
    this.#generation = generation;
    this.#copy = copy;
  }

  static lost(): HandedPayload {
    return new HandedPayload(null, 0, 0, LOST);
  }

  /** How the next event of this scope names it. */
  next(scope: ScopeNote | null, generation: number): Copied {
    const isKept =
      scope !== null &&
      scope === this.#scope &&
      generation === this.#generation &&
      !scope.isGone &&
      this.#uses < USES &&
      scope.payloads - this.#number <= KEPT_PAYLOADS;
    if (!isKept) return this.#copy ?? LOST;
    this.#uses++;
    return { form: FORM.ref, a: this.#number, b: this.#uses === USES };
  }
}

/** Where nothing is captured: events without a payload. */
export const ABSENT = new HandedPayload(null, 0, 0, NOTHING);
/** An event that shows neither a value nor something that was held back is left out. */
export const LEFT_OUT = new HandedPayload(null, 0, 0, NOTHING);
