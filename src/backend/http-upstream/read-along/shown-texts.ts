import type { HeldRest, HeldTexts, ShownText, TraceSpan } from '../../../gateway/ports.ts';
import type { ParsedData } from './parse-data.ts';
import { hideLogprobs, type TextSlot } from './text-slots.ts';

/** What events may show of the texts of one stream. */
export interface ShownTexts {
  /** Puts what is safe to show in the place of these pieces. */
  release(slots: readonly TextSlot[]): void;
  /** The same for an event that is a text by itself. */
  text(text: string): ShownText | string;
  /** A frame whose text is a known one. */
  readonly frame: HeldTexts['frame'];
  /** What was held back. */
  rest(isWhole: boolean): HeldRest | null;
}

/** Of how many texts of one answer the pieces are shown. */
const MAX_TEXTS = 1024;

export const createShownTexts = (span: TraceSpan): ShownTexts => {
  const texts = span.texts();

  const push = (of: string, text: string): ShownText | string =>
    !texts.has(of) && texts.size >= MAX_TEXTS
      ? `[${text.length} characters not shown]`
      : texts.push(of, text);

  return {
    release(slots) {
      for (const { of, text, replace } of slots) replace(push(of, text));
    },
    text: (text) => push('', text),
    frame: texts.frame,
    rest: texts.rest,
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
