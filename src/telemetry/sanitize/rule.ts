import type { NameBefore } from './assignment.ts';
import type { Sensitivity, SensitivityOf } from './keys.ts';

/** What takes the place of a secret. */
export const REDACTED = '[REDACTED]';
/** What stands for the part of a payload that is not kept. */
export const CUT = '[cut: too large]';
/** What stands for so many further parts. */
export const cutRest = (count: number): string => `[cut: ${count} more]`;
/** Whether this stands for what was cut. */
export const isCut = (value: unknown): boolean =>
  typeof value === 'string' && /^\[cut: (?:too large|\d+ more)\]$/.test(value);

/** How far a skip got: the secret goes on in the next piece of the text unless it `ended`. */
export interface Skipped {
  readonly at: number;
  readonly ended: boolean;
}

/** Passes over the rest of a secret. `final` means that no more text follows. */
export type Skip = (text: string, at: number, final: boolean) => Skipped;

/** A secret starts at `from`, is replaced by `label`, and ends where `skip` says. */
export interface Finding {
  readonly from: number;
  readonly label: string;
  readonly skip: Skip;
}

/** `more`: it depends on text that has not come yet; never said when the text is final. */
export type Verdict = Finding | 'none' | 'more';

/**
 * Judges the text at a trigger. It may look back `MAX_LOOK_BACK` characters and forward a bounded number, and must
 * say the same whatever pieces the text arrives in: this is what makes a stream equal to the whole text.
 */
export type Rule = (text: string, at: number, final: boolean) => Verdict;

export const MAX_LOOK_BACK = 128;

/** A text, or the set of each of its characters. ASCII, and short. */
export type Trigger = string | readonly RegExp[];

/** What a rule is made of. */
export interface Asked {
  /** The trigger, where it is a text. */
  readonly trigger: string;
  readonly sensitivityOf: SensitivityOf;
  readonly nameBefore: NameBefore;
}

/** One rule of the sanitizer, with what it finds, an example and a counter-example. Tests run over this table. */
export interface RuleRow {
  readonly name: string;
  readonly finds: string;
  /** At what the rule is asked. */
  readonly at: readonly Trigger[];
  /** It finds nothing in the middle of a word: where `startsWord` is false. */
  readonly isWord?: boolean;
  /** It finds nothing where no word of a sensitive name stands before, not farther than a rule may look back. */
  readonly isBehindName?: boolean;
  readonly rule: (asked: Asked) => Rule;
  /** A text with a secret, and what becomes of it. Written in parts: scanners for secrets read this file, too. */
  readonly example: readonly [text: string, clean: string];
  /** A text that looks like one and stays. */
  readonly counterExample: string;
}

/** Skips the characters that a sticky pattern takes (one character class, repeated). */
export const skipRun =
  (pattern: RegExp): Skip =>
  (text, at, final) => {
    pattern.lastIndex = at;
    const end = at + (pattern.exec(text)?.[0].length ?? 0);
    return { at: end, ended: final || end < text.length };
  };

/** Skips a secret that is in the text already, whole. */
export const skipTo =
  (end: number, from: number): Skip =>
  (_text, at) => ({ at: at + end - from, ended: true });

/** Skips the start of a secret that is in the text already, and then what `skip` says. It remembers: make one for each. */
export const skipFirst = (length: number, skip: Skip): Skip => {
  let left = length;
  return (text, at, final) => {
    const start = at + left;
    left = 0;
    return skip(text, start, final);
  };
};

/** The text that a sticky pattern matches at a place, or ''. */
export const runAt = (pattern: RegExp, text: string, at: number): string => {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
};

/** A set of ASCII characters, asked by code: several times faster than a regular expression for one character. */
export type CharacterSet = (code: number) => boolean;

/** The ASCII characters that a pattern for one character takes. */
export const characterSet = (pattern: RegExp): CharacterSet => {
  const table = Uint8Array.from({ length: 128 }, (_, code) =>
    Number(pattern.test(String.fromCharCode(code))),
  );
  return (code) => table[code] === 1;
};

/** The last place at or before `end`, at most `limit` back, from which on only characters of `set` stand. */
export const runBack = (text: string, end: number, set: CharacterSet, limit: number): number => {
  const first = Math.max(0, end - limit);
  let start = end;
  while (start > first && set(text.charCodeAt(start - 1))) start--;
  return start;
};

/** The length of the longest escape that `startsWord` knows. */
export const LONGEST_ESCAPE = 6;
const LETTER_OR_DIGIT = characterSet(/[A-Za-z0-9]/);
const ESCAPE_BEFORE = /(?:\\[bfnrt]|\\u[0-9a-f]{4}|%[0-9a-f]{2})$/i;

const BACKSLASH = 0x5c;
const PERCENT = 0x25;

/** Whether one of the characters stands in its place that begin an escape: of most words the middle is told by that. */
const mayEndEscape = (text: string, at: number): boolean =>
  at < LONGEST_ESCAPE ||
  text.charCodeAt(at - 2) === BACKSLASH ||
  text.charCodeAt(at - LONGEST_ESCAPE) === BACKSLASH ||
  text.charCodeAt(at - 3) === PERCENT;

/** A word starts here: nothing of a word stands before, or the last letter of an escape such as `\n` or `%20`. */
export const startsWord = (text: string, at: number, wordCharacter = LETTER_OR_DIGIT): boolean =>
  at === 0 ||
  !wordCharacter(text.charCodeAt(at - 1)) ||
  (mayEndEscape(text, at) && ESCAPE_BEFORE.test(text.slice(Math.max(0, at - LONGEST_ESCAPE), at)));

/** What stands before a value that may be secret. */
export interface Separator {
  readonly name: string;
  readonly sensitivity: Sensitivity;
  readonly colon: boolean;
  /** `==` and `===` compare with a value rather than give one. */
  readonly comparison: boolean;
  /** No blanks around it, as in a shell or a query; prose and code have some. */
  readonly tight: boolean;
  /** For a name in double quotes, as JSON has them: the backslashes before the closing one. */
  readonly jsonEscapes: number | undefined;
  /** The quote that stands before the name and is not closed behind it, or ''. */
  readonly openQuote: string;
}

/** What stands for a whole JSON value is a JSON text, in quotes like those of the name. */
export const jsonLabel = (escapes: number | undefined): string => {
  const quote = escapes === undefined ? '' : `${'\\'.repeat(escapes)}"`;
  return quote + REDACTED + quote;
};
