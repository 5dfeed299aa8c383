import { notKept } from './bound.ts';
import type { CapturePolicy } from './policy/index.ts';

/** Text that arrives in pieces, for events: a secret can be split over deltas, so the unfinished word is held back. */
export interface TextStream {
  /** The part of the text that is safe to show by now. `more`: how many characters of the delta were cut off before. */
  push(delta: string, more?: number): string;
  /** What was still held back. */
  flush(): string;
}

/** Twice as much as one event can show. */
export const MAX_DELTA_CHARS = 32 * 1024;

const NOTHING: TextStream = { push: () => '', flush: () => '' };

interface StreamOptions {
  readonly maxChars?: number;
  /** Whether a piece of the text was lost before. */
  readonly hasGap?: boolean;
}

/**
 * Of a delta that is longer than an event can show its beginning alone passes the sanitizer. What comes behind the gap is not shown at all,
 * since it may begin inside a secret; and neither is the word at the gap, which may be the beginning of one.
 */
export const createTextStream = (
  { capture, sanitizer: rules }: CapturePolicy,
  { maxChars = MAX_DELTA_CHARS, hasGap: beginsBehindGap = false }: StreamOptions = {},
): TextStream => {
  if (capture === 'off') return NOTHING;
  const sanitizer = rules.createTextSanitizer();
  let hasGap = beginsBehindGap;
  return {
    push(delta, more = 0) {
      const length = delta.length + more;
      if (hasGap) return length === 0 ? '' : notKept(length);
      if (length <= maxChars) return sanitizer.push(delta);
      hasGap = true;
      return sanitizer.push(delta.slice(0, maxChars)) + notKept(length - maxChars);
    },
    flush: () => (hasGap ? '' : sanitizer.flush()),
  };
};
