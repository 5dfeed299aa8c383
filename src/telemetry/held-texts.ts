import type { CapturePolicy } from './policy/index.ts';
import { createTextStream, type TextStream } from './text-stream.ts';

declare const brand: unique symbol;

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
  /** Adds a delta to the text `of`. */
  push(of: string, delta: string): ShownText;
  /**
   * Adds a delta to the text `of`, and shows it as the JSON string between two pieces of JSON text. Where these are the ones of the
   * last frame, nothing but the delta is looked at.
   *
   * @example texts.frame('0', '{"choices":[{"delta":{"content":', 'word', '}}]}')
   */
  frame(of: string, before: string, delta: string, after: string): Payload;
  /** What was still held back, of all texts. `isWhole`: no more of them was to come; else only its length is shown, since it may end inside a secret. */
  rest(isWhole: boolean): HeldRest;
}

/** A payload as it will be shown; `isNothing`: an event that has it is left out. */
export class Shown {
  readonly value: unknown;
  readonly isNothing: boolean;
  constructor(value: unknown, isNothing = false) {
    this.value = value;
    this.isNothing = isNothing;
  }
}

type Held = { readonly held_text: string } | { readonly held_chars: number };

const isMembers = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value with what was held back; it stands alone where there is no value. */
export const shownWith = (value: unknown, rest: HeldRest | undefined): Payload => {
  const held = (rest ?? null) as unknown as Held | null;
  if (!held) return asPayload(new Shown(value, value === undefined));
  if (value === undefined) return asPayload(new Shown(held));
  return asPayload(new Shown(isMembers(value) ? { ...value, ...held } : { data: value, ...held }));
};

const asPayload = (shown: Shown): Payload => shown as unknown as Payload;

export const createHeldTexts = (policy: CapturePolicy): HeldTexts => {
  const texts = new Map<string, TextStream>();
  const push = (of: string, delta: string): string => {
    const text = texts.get(of) ?? createTextStream(policy);
    texts.set(of, text);
    return text.push(delta);
  };
  return {
    get size() {
      return texts.size;
    },
    has: (of) => texts.has(of),
    push: (of, delta) => push(of, delta) as unknown as ShownText,
    frame: (of, before, delta, after) =>
      asPayload(new Shown(JSON.parse(before + JSON.stringify(push(of, delta)) + after))),
    rest(isWhole) {
      const held_text = [...texts.values()].map((text) => text.flush()).join('');
      const held = isWhole ? { held_text } : { held_chars: held_text.length };
      return (held_text === '' ? null : held) as unknown as HeldRest;
    },
  };
};
