import { characterSet, runBack } from './rule.ts';

/** The name before a separator: `password =`, `"api_key":`, `\"api_key\":`, `headers["cookie"] =`, `API key:`. */
export interface Name {
  readonly name: string;
  /** Where it starts, without the words before it. */
  readonly start: number;
  /** The character before the name. */
  readonly before: string;
  readonly blankAfter: boolean;
  readonly quoted: boolean;
  /** For a name in double quotes, as JSON has them: the backslashes before the closing one. */
  readonly jsonEscapes: number | undefined;
}

const BLANK = characterSet(/[ \t]/);
const NAME = characterSet(/[\w$.-]/);
const LETTER = characterSet(/[A-Za-z]/);
const BACKSLASH = characterSet(/\\/);
const QUOTE = characterSet(/["'`]/);
const MAX_NAME = 64;
const MAX_BLANKS = 8;
const MAX_WORD = 24;
const MAX_ESCAPES = 15;

/** Where the closing quote of a name starts, with its backslashes. */
const beforeQuote = (text: string, end: number): number => {
  const quoted = text.charAt(end - 1) === ']' && QUOTE(text.charCodeAt(end - 2)) ? end - 1 : end;
  return QUOTE(text.charCodeAt(quoted - 1)) ? runBack(text, quoted - 1, BACKSLASH, MAX_ESCAPES) : end;
};

/** People write "API key: …", where the word before says what sort of key it is. */
const withWordBefore = (text: string, start: number, name: string): string =>
  text.charAt(start - 1) === ' ' && /^keys?$/i.test(name)
    ? text.slice(runBack(text, start - 1, LETTER, MAX_WORD), start) + name
    : name;

const readName = (text: string, separator: number): Name => {
  const blanks = runBack(text, separator, BLANK, MAX_BLANKS);
  const end = beforeQuote(text, blanks);
  let start = runBack(text, end, NAME, MAX_NAME);
  // The letter of an escape such as `\n` is no part of the name.
  if (text.charAt(start - 1) === '\\' && /[bfnrt]/.test(text.charAt(start))) start++;
  return {
    name: withWordBefore(text, start, text.slice(start, end)),
    start,
    before: text.charAt(start - 1),
    blankAfter: blanks < separator,
    quoted: end < blanks,
    jsonEscapes: end < blanks && text.charAt(blanks - 1) === '"' ? blanks - end - 1 : undefined,
  };
};

/** Reads the name that ends before a separator. */
export type NameBefore = (text: string, separator: number) => Name;

/** Several rules ask for one name: the newest is remembered. */
export const nameReader = (): NameBefore => {
  let newest = { text: '', separator: -1, name: readName('', 0) };
  return (text, separator) => {
    if (newest.separator !== separator || newest.text !== text)
      newest = { text, separator, name: readName(text, separator) };
    return newest.name;
  };
};
