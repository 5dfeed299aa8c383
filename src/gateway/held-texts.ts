import type { TextStream } from './ports.ts';

/** Only the length of a text that was cut: it may end inside a secret, which cannot be recognized then. */
export type HeldBack = { readonly held_text: string } | { readonly held_chars: number };

/** What events may show of the texts of one answer: a secret can be split over deltas, so each text holds its unfinished word back. */
export interface HeldTexts {
  readonly size: number;
  has(of: string): boolean;
  /** Adds a delta to the text `of`. Returns what is safe to show by now. */
  push(of: string, delta: string): string;
  /** What was still held back, of all texts; null if that is nothing. `isWhole`: no more of them was to come. */
  rest(isWhole: boolean): HeldBack | null;
}

export const createHeldTexts = (newTextStream: () => TextStream): HeldTexts => {
  const texts = new Map<string, TextStream>();
  return {
    get size() {
      return texts.size;
    },
    has: (of) => texts.has(of),
    push(of, delta) {
      const text = texts.get(of) ?? newTextStream();
      texts.set(of, text);
      return text.push(delta);
    },
    rest(isWhole) {
      const held_text = [...texts.values()].map((text) => text.flush()).join('');
      if (held_text === '') return null;
      return isWhole ? { held_text } : { held_chars: held_text.length };
    },
  };
};
