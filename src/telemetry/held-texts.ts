/** Marks the opaque types below; whoever makes one declares it, and nobody else can. */
export declare const brand: unique symbol;

/** The part of a delta that is safe to show by then. It stands inside the payload of an event, and nothing else can be done with it. */
export interface ShownText {
  readonly [brand]: 'text';
}

/** What events show: copied and cleaned once, however many of them show it. */
export interface Payload {
  readonly [brand]: 'payload';
}

/** What was still held back of the texts of an answer. */
export interface HeldRest {
  readonly [brand]: 'rest';
}

/** What events may show of the texts of one answer: a secret can be split over deltas, so each text holds its unfinished word back. */
export interface HeldTexts {
  readonly size: number;
  has(of: string): boolean;
  /** Adds a delta to the text `of`. A string: nothing of it is shown but that. */
  push(of: string, delta: string): ShownText | string;
  /**
   * Adds a delta to the text `of`, and shows it as the JSON string between two pieces of JSON text. Where these are the ones of the
   * last frame, nothing but the delta is looked at.
   *
   * @example texts.frame('0', '{"choices":[{"delta":{"content":', 'word', '}}]}')
   */
  frame(of: string, before: string, delta: string, after: string): Payload;
  /** What was still held back, of all texts. `isWhole`: no more of them was to come; else only its length is shown, since it may end inside a secret. Null: nothing was. */
  rest(isWhole: boolean): HeldRest | null;
}
