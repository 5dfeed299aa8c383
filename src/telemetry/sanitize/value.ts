import { isWorkingDirectory } from './keys.ts';
import { isHarmlessWord } from './literal.ts';
import { skipNested, skipQuoted } from './quoted.ts';
import { REDACTED, runAt, type Verdict } from './rule.ts';
import { jsonLabel, type Separator } from './separator.ts';
import { bareValue } from './word.ts';

/** `${API_KEY}`, `$API_KEY`, `{{ api_key }}`, `<your key>`, `Bearer ${token}`, `Bearer {token}`: names of values. */
const PLACEHOLDER =
  /(?:(?:Bearer |Basic |Token )?(?:\$\{[\w.:()-]{1,64}\}|\$[A-Za-z_]\w{0,63}|\{\{[^"'`\r\n{}]{1,64}\}\}|<[\w .-]{1,64}>)|Bearer \{[\w.]{1,64}\})(?=\\{0,3}["'`])/y;
const LONGEST_PLACEHOLDER = 80;
const PLACEHOLDER_START = /^(?:Bea?r?e?r?|Bas?i?c?|T?o?k?e?n?) ?(?:[$<{]|$)|^[$<{]/;
const COMPARED = /[^"'`\\\r\n0-9]{1,16}(?=["'`])/y;
const LONGEST_COMPARED = 17;

/** Code compares with types and words (`token === "string"`), seldom with a secret. */
const isComparedWord = (word: string, { comparison, sensitivity }: Separator): boolean =>
  comparison && word !== '' && (sensitivity === 'secret' || isHarmlessWord(word));

const isUndecided = (start: string, separator: Separator): boolean => {
  if (/["'`\r\n]/.test(start)) return false;
  if (separator.comparison && start.length < LONGEST_COMPARED) return true;
  return start.length < LONGEST_PLACEHOLDER && PLACEHOLDER_START.test(start);
};

const quotedValue = (
  text: string,
  from: number,
  opening: RegExpExecArray,
  separator: Separator,
  final: boolean,
): Verdict => {
  const [, backslashes = '', quote = ''] = opening;
  const start = text.slice(from, from + LONGEST_PLACEHOLDER);
  if (!final && (/^\\{0,3}$/.test(start) || isUndecided(start, separator))) return 'more';
  if (start === '' || /^\\{0,3}["'`]/.test(start) || isWorkingDirectory(separator.name, start)) return 'none';
  if (runAt(PLACEHOLDER, text, from) !== '' || isComparedWord(runAt(COMPARED, text, from), separator))
    return 'none';
  return { from, label: REDACTED, skip: skipQuoted(backslashes.length, quote) };
};

/** `"credentials": {…}` in JSON becomes `"credentials": "[REDACTED]"`. */
const nestedValue = (text: string, from: number, escapes: number, final: boolean): Verdict => {
  const start = text.slice(from, from + REDACTED.length);
  if (!final && (start.length === 1 || (start !== REDACTED && REDACTED.startsWith(start)))) return 'more';
  if (start === REDACTED || /^.[\]}]?$/s.test(start.slice(0, 2))) return 'none';
  return { from, label: jsonLabel(escapes), skip: skipNested(escapes) };
};

const BLANKS = /[ \t]{0,16}/y;
const OPENING = /[bfru]{0,2}(\\{0,3})(["'`])/y;
const OPENING_PART = /^[bfru]{0,2}\\{0,3}$/;
const LONGEST_OPENING = 6;

/** Judges the value that starts behind at most 16 blanks. */
export const valueAt = (text: string, from: number, separator: Separator, final: boolean): Verdict => {
  const start = from + runAt(BLANKS, text, from).length;
  if (!final && text.length - start < LONGEST_OPENING && OPENING_PART.test(text.slice(start))) return 'more';
  OPENING.lastIndex = start;
  const opening = OPENING.exec(text);
  if (opening) {
    // In "the field 'password:'" the quote closes what was opened before the name.
    if (start === from && opening[2] === separator.openQuote) return 'none';
    return quotedValue(text, start + opening[0].length, opening, separator, final);
  }
  const { jsonEscapes, colon } = separator;
  const nested = colon && jsonEscapes !== undefined && /[{[]/.test(text.charAt(start));
  if (nested) return nestedValue(text, start, jsonEscapes, final);
  return bareValue(text, start, { ...separator, tight: separator.tight && start === from }, final);
};
