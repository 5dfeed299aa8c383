import type { brand, ShownText } from '../held-texts.ts';

/** What stands for a piece of a text in a payload. JSON shows it as a marker that no client can have written. */
export class Piece implements ShownText {
  declare readonly [brand]: 'text';
  readonly #marker: object;

  constructor(marker: object) {
    this.#marker = marker;
  }

  toJSON(): object {
    return this.#marker;
  }
}
