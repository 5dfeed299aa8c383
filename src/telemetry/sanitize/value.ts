import {
  isHarmlessValue,
  isHarmlessWord,
  isLexemeAt,
  isLiteralSecret,
  isPlaceholder,
  isWorkingDirectory,
  mayBeHarmless,
} from './harmless.ts';
import { jsonLabel, REDACTED, runAt, type Separator, type Skip, skipRun, type Verdict } from './rule.ts';

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
const skipQuoted = (opening: number, quote: string): Skip =>
  walk(QUOTE_OR_END, (character, backslashes, at) => {
    // In plain text the backslashes are escaped ones of the secret, in escaped text they belong to the quote.
    if (character === quote && isQuote(backslashes, opening)) return opening === 0 ? at + backslashes : at;
    return backslashes === 0 && /[\r\n]/.test(character) ? at : undefined;
  });

/** Skips a JSON object or array, from its opening bracket to the closing one. It remembers: make one for each. */
const skipNested = (opening: number): Skip => {
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

const VERBATIM_END = /["\r\n]/g;

/**
 * Skips the inside of a C# verbatim string, where a backslash is one and two quotes are one; in escaped text `opening` backslashes stand
 * before each of them.
 */
const skipVerbatim = (opening: number): Skip => {
  const quote = `${'\\'.repeat(opening)}"`;
  return (text, at, final) => {
    let place = at;
    for (;;) {
      VERBATIM_END.lastIndex = place;
      const end = VERBATIM_END.exec(text)?.index;
      if (end === undefined)
        return { at: final ? text.length : Math.max(place, text.length - opening), ended: final };
      const start = end - opening;
      const isQuote = start >= place && text.startsWith(quote, start);
      if (!isQuote) return { at: end, ended: true };
      const next = text.slice(end + 1, end + 1 + quote.length);
      // Whether a quote is one of two shows only with what follows.
      if (next !== quote) return { at: start, ended: final || !quote.startsWith(next) };
      place = end + 1 + quote.length;
    }
  };
};

/** Skips to three quotes, each with the backslashes that it has in escaped text. */
const skipTriple = (quote: string): Skip => {
  const end = quote.repeat(3);
  return (text, at, final) => {
    const found = text.indexOf(end, at);
    if (found >= 0) return { at: found, ended: true };
    return { at: final ? text.length : Math.max(at, text.length - end.length + 1), ended: final };
  };
};

/** The opening of a text: what stands before its quote, the backslashes of the quote, the quote. */
const OPENING = /([@$]{0,2}[bfru]{0,2}#{0,3})(\\{0,15})(["'`])/y;
const OPENING_PART = /^[@$]{0,2}[bfru]{0,2}#{0,3}\\{0,15}$/;
const LONGEST_OPENING = 24;
const COMPARED = /[^"'`\\\r\n0-9]{1,16}(?=["'`])/y;
const LONGEST_COMPARED = 17;
const CLOSING = /["'`\\\r\n]/;

/** Code compares with types and words (`token === "string"`), seldom with a secret. */
const isComparedWord = (word: string, { comparison, sensitivity }: Separator): boolean =>
  comparison && word !== '' && (sensitivity === 'secret' || isHarmlessWord(word));

const isUndecided = (start: string, separator: Separator): boolean =>
  !CLOSING.test(start) &&
  ((separator.comparison && start.length < LONGEST_COMPARED) || mayBeHarmless(separator, start));

const quotedValue = (
  text: string,
  from: number,
  opening: RegExpExecArray,
  separator: Separator,
  final: boolean,
): Verdict => {
  const [, prefix = '', backslashes = '', quote = ''] = opening;
  const start = text.slice(from, from + 80);
  if (backslashes !== '' && quote !== '`') {
    const one = backslashes + quote;
    const two = one.repeat(2);
    if (!final && one.repeat(5).startsWith(start)) return 'more';
    if (start.startsWith(two) && !start.startsWith(one.repeat(5)))
      return { from: from + two.length, label: REDACTED, skip: skipTriple(one) };
  }
  if (!final && (/^\\{0,15}$/.test(start) || isUndecided(start, separator))) return 'more';
  if (backslashes === '' && start.startsWith(quote)) {
    if (!final && start.length === 1) return 'more';
    // Three quotes open a text of several lines; two are an empty one.
    if (quote === '`' || start.charAt(1) !== quote) return 'none';
    if (start.startsWith(quote.repeat(5))) return 'none';
    if (!final && start === quote.repeat(start.length)) return 'more';
    return { from: from + 2, label: REDACTED, skip: skipTriple(quote) };
  }
  if (start === '' || /^(?:[\r\n]|\\{0,15}["'`])/.test(start)) return 'none';
  const [value = ''] = start.split(CLOSING, 1);
  const isWhole = start.startsWith(backslashes + quote, value.length);
  if (isWhole && isHarmlessValue(separator.name, value)) return 'none';
  if (isPlaceholder(text, from) || isWorkingDirectory(separator.name, start)) return 'none';
  if (isComparedWord(runAt(COMPARED, text, from), separator)) return 'none';
  const lexeme = isLexemeAt(text, from, separator.name, final);
  if (lexeme === 'more') return 'more';
  if (lexeme) return 'none';
  const verbatim = prefix.includes('@') && quote === '"';
  return {
    from,
    label: REDACTED,
    skip: verbatim ? skipVerbatim(backslashes.length) : skipQuoted(backslashes.length, quote),
  };
};

/** `"credentials": {…}` in JSON becomes `"credentials": "[REDACTED]"`. */
const nestedValue = (text: string, from: number, escapes: number, final: boolean): Verdict => {
  const start = text.slice(from, from + REDACTED.length);
  if (!final && (start.length === 1 || (start !== REDACTED && REDACTED.startsWith(start)))) return 'more';
  if (start === REDACTED || /^.[\]}]?$/s.test(start.slice(0, 2))) return 'none';
  return { from, label: jsonLabel(escapes), skip: skipNested(escapes) };
};

const WORD_END = '\\s"\'`,;&<>(){}[\\]|\\\\';
const LONGEST_DOUBT = 64;
const WORD = new RegExp(`[^${WORD_END}]{0,${LONGEST_DOUBT}}`, 'y');
const WORD_BLANKS = /[ \t]{0,8}/y;
const skipWord = skipRun(new RegExp(`[^${WORD_END}]*`, 'y'));
const skipLine = skipRun(/[^\r\n]*/y);
const skipToQuote = skipRun(/[^\r\n"'`\\]*/y);
const SCHEME = /^(?:bearer|basic|token|apikey|api-key|negotiate|ntlm)$/i;
const SCHEME_WITH_PARAMETERS = /^(?:digest|hawk|oauth|signature|aws4-[\w-]+)$/i;

interface Word {
  readonly word: string;
  readonly end: number;
  /** The two characters behind it, as far as the text goes. */
  readonly next: string;
  /** More text could make it longer, or change what stands behind it, and be judged otherwise. */
  readonly open: boolean;
}

const wordAt = (text: string, from: number, final: boolean): Word => {
  const word = runAt(WORD, text, from);
  const end = from + word.length;
  const next = text.slice(end, end + 2);
  const isCounted = /^\d{1,3}$/.test(word) && /^ ?$/.test(next);
  const open = !final && ((end === text.length && word.length < LONGEST_DOUBT) || isCounted);
  return { word, end, next, open };
};

/** The quotes of parameters belong to them; AWS has none, so that one there ends the header. */
const parameters = (word: string, scheme: string, from: number): Verdict => {
  if (!word.includes('=')) return 'none';
  return { from, label: REDACTED, skip: /^aws4/i.test(scheme) ? skipToQuote : skipLine };
};

/** `Authorization: Bearer x` keeps its scheme; prose says "Authorization: Bearer tokens are …". */
const afterScheme = (text: string, scheme: Word, separator: Separator, final: boolean): Verdict => {
  const from = scheme.end + runAt(WORD_BLANKS, text, scheme.end).length;
  const { word, next, open } = wordAt(text, from, final);
  if (open) return 'more';
  if (from === scheme.end || word === '') return 'none';
  if (SCHEME_WITH_PARAMETERS.test(scheme.word)) return parameters(word, scheme.word, from);
  const header = { ...separator, sensitivity: 'password', tight: false, colon: true } as const;
  const secret = isLiteralSecret(word, { ...header, next });
  return secret ? { from, label: REDACTED, skip: skipWord } : 'none';
};

/** Judges a value without quotes. */
const bareValue = (text: string, from: number, separator: Separator, final: boolean): Verdict => {
  const found = wordAt(text, from, final);
  const { word, next, open } = found;
  const { name, jsonEscapes } = separator;
  if (open) return 'more';
  // The word ends at a backslash, a path of Windows does not.
  if (isWorkingDirectory(name, text.slice(from, from + 3))) return 'none';
  if (word.includes('=') && /cookie$/i.test(name)) return { from, label: REDACTED, skip: skipToQuote };
  const scheme = SCHEME.test(word) || SCHEME_WITH_PARAMETERS.test(word);
  if (scheme && /authorization$/i.test(name)) return afterScheme(text, found, separator, final);
  if (word.length < LONGEST_DOUBT && !isLiteralSecret(word, { ...separator, next })) return 'none';
  return { from, label: jsonLabel(jsonEscapes), skip: skipWord };
};

const BLANKS = /[ \t]{0,16}/y;

/** Judges the value that starts behind at most 16 blanks. */
export const valueAt = (text: string, from: number, separator: Separator, final: boolean): Verdict => {
  const start = from + runAt(BLANKS, text, from).length;
  if (!final && text.length - start < LONGEST_OPENING && OPENING_PART.test(text.slice(start))) return 'more';
  OPENING.lastIndex = start;
  const opening = OPENING.exec(text);
  if (opening) {
    const inside = start + opening[0].length;
    // In "the field 'password:'" and in "Password: " the quote closes what was opened before the name.
    if (opening[0] === separator.openQuote) {
      if (inside === text.length && !final) return 'more';
      if (start === from || /^[\s,;)+]?$/.test(text.charAt(inside))) return 'none';
    }
    return quotedValue(text, inside, opening, separator, final);
  }
  const { jsonEscapes, colon } = separator;
  const nested = colon && jsonEscapes !== undefined && /[{[]/.test(text.charAt(start));
  if (nested) return nestedValue(text, start, jsonEscapes, final);
  return bareValue(text, start, { ...separator, tight: separator.tight && start === from }, final);
};
