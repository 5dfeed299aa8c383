import { runAt, type Skip } from './rule.ts';

const QUOTE_OR_END = /["'`\\\r\n]/g;
const QUOTE_OR_BRACKET = /["\\{}[\]]/g;
/** Longer runs are taken in pieces of this (even) length, so that a text of backslashes stays linear. */
const MAX_RUN = 64;
const BACKSLASHES = new RegExp(`\\\\{0,${MAX_RUN}}`, 'y');

/** An even number of backslashes before a quote leaves it a quote; in escaped text, as many as the opening one had. */
const isQuote = (backslashes: number, opening: number): boolean =>
  opening === 0 ? backslashes % 2 === 0 : backslashes <= opening;

/** Calls for each mark with the backslashes before it, until `visit` gives the end of the secret. */
const walk = (
  marks: RegExp,
  visit: (character: string, backslashes: number, at: number) => number | undefined,
): Skip => {
  return (text, at, final) => {
    let place = at;
    for (;;) {
      marks.lastIndex = place;
      const mark = marks.exec(text)?.index;
      if (mark === undefined) return { at: text.length, ended: final };
      const backslashes = runAt(BACKSLASHES, text, mark).length;
      const next = mark + backslashes;
      // Whether the backslashes belong to a closing quote shows only with the next character.
      if (next === text.length && backslashes < MAX_RUN) return { at: final ? next : mark, ended: final };
      const end = backslashes === MAX_RUN ? undefined : visit(text.charAt(next), backslashes, mark);
      if (end !== undefined) return { at: end, ended: true };
      place = backslashes === MAX_RUN ? next : next + 1;
    }
  };
};

/** Skips the inside of a quoted text up to its closing quote or the end of the line; `opening` counts its backslashes. */
export const skipQuoted = (opening: number, quote: string): Skip =>
  walk(QUOTE_OR_END, (character, backslashes, at) => {
    // In plain text the backslashes are escaped ones of the secret, in escaped text they belong to the quote.
    if (character === quote && isQuote(backslashes, opening)) return opening === 0 ? at + backslashes : at;
    return backslashes === 0 && /[\r\n]/.test(character) ? at : undefined;
  });

/** Skips a JSON object or array, from its opening bracket to the closing one. It remembers: make one for each. */
export const skipNested = (opening: number): Skip => {
  let depth = 0;
  let inText = false;
  return walk(QUOTE_OR_BRACKET, (character, backslashes, at) => {
    if (character === '"' && isQuote(backslashes, opening)) inText = !inText;
    if (inText || backslashes > 0) return undefined;
    if (character === '{' || character === '[') depth++;
    if (character === '}' || character === ']') depth--;
    return depth === 0 ? at + 1 : undefined;
  });
};
