/** No secret that is one word is longer than this. */
const MAX_WORD = 4096;

/** What a token, a number, a path or a URL is made of. */
const isWordChar = (code: number): boolean =>
  (code >= 0x30 && code <= 0x39) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x61 && code <= 0x7a) ||
  '-_.~+/=:@%&?#$!*'.includes(String.fromCharCode(code));

/** How many word characters stand from `from` on in this direction; more than `MAX_WORD` are not counted. */
const runOf = (text: string, from: number, step: 1 | -1): number => {
  let length = 0;
  while (length <= MAX_WORD && isWordChar(text.charCodeAt(from + step * length))) length++;
  return length;
};

/**
 * The beginning of a text, at most `max` characters, that does not end inside a word: of a secret that is cut nobody could tell any more
 * that it is one. Whoever cuts a text that the sanitizer has not seen yet cuts it with this.
 */
export const headOf = (text: string, max: number): string => {
  if (text.length <= max) return text;
  const after = runOf(text, max, 1);
  const before = runOf(text, max - 1, -1);
  const isInside = after > 0 && before > 0 && after + before <= MAX_WORD;
  return text.slice(0, isInside ? max - before : max).toWellFormed();
};
