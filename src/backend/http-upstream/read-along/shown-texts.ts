import type { TextStream } from '../../../gateway/ports.ts';
import { isMembers } from '../json-shapes.ts';
import type { ParsedData } from './parse-data.ts';
import { hideLogprobs, type TextSlot } from './text-slots.ts';

/** What events may show of the texts of one stream: a secret can be split over deltas, so each text holds its unfinished word back. */
export interface ShownTexts {
  /** Puts what is safe to show in the place of these pieces. */
  release(slots: readonly TextSlot[]): void;
  /** The same for an event that is a text by itself. */
  text(text: string): string;
  /** Adds what was held back to the last that is shown of a stream. */
  withRest(shown: unknown, isWhole: boolean): unknown;
  /** What was held back, where no frame is left to tell it; null where that is nothing. */
  rest(isWhole: boolean): HeldBack | null;
}

/** Only the length of a text that was cut: it may end inside a secret, which cannot be recognized then. */
export type HeldBack = { readonly held_text: string } | { readonly held_chars: number };

/** Of how many texts of one answer the pieces are shown. */
const MAX_TEXTS = 1024;

export const createShownTexts = (newTextStream: () => TextStream): ShownTexts => {
  const texts = new Map<string, TextStream>();

  const push = (of: string, text: string): string => {
    const known = texts.get(of);
    if (!known && texts.size >= MAX_TEXTS) return `[${text.length} characters not shown]`;
    const stream = known ?? newTextStream();
    texts.set(of, stream);
    return stream.push(text);
  };

  const rest = (isWhole: boolean): HeldBack | null => {
    const held_text = [...texts.values()].map((text) => text.flush()).join('');
    if (held_text === '') return null;
    return isWhole ? { held_text } : { held_chars: held_text.length };
  };

  return {
    release(slots) {
      for (const { of, text, replace } of slots) replace(push(of, text));
    },
    text: (text) => push('', text),
    rest,
    withRest(shown, isWhole) {
      const held = rest(isWhole);
      if (!held) return shown;
      return isMembers(shown) ? { ...shown, ...held } : { data: shown, ...held };
    },
  };
};

/** The value of whole data for telemetry. */
export const showWhole = (data: ParsedData): unknown => {
  switch (data.type) {
    case 'json':
      hideLogprobs(data.value);
      return data.value;
    case 'text':
      return data.text;
    case 'done':
      return '[DONE]';
    case 'unread':
      return { unread_chars: data.chars };
  }
};
