import { isLiteralSecret, isWorkingDirectory } from './harmless.ts';
import { jsonLabel, REDACTED, runAt, type Separator, skipRun, type Verdict } from './rule.ts';

const WORD_END = '\\s"\'`,;&<>(){}[\\]|\\\\';
const LONGEST_DOUBT = 64;
const WORD = new RegExp(`[^${WORD_END}]{0,${LONGEST_DOUBT}}`, 'y');
const BLANKS = /[ \t]{0,8}/y;
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
  const from = scheme.end + runAt(BLANKS, text, scheme.end).length;
  const { word, next, open } = wordAt(text, from, final);
  if (open) return 'more';
  if (from === scheme.end || word === '') return 'none';
  if (SCHEME_WITH_PARAMETERS.test(scheme.word)) return parameters(word, scheme.word, from);
  const header = { ...separator, sensitivity: 'password', tight: false, colon: true } as const;
  const secret = isLiteralSecret(word, { ...header, next });
  return secret ? { from, label: REDACTED, skip: skipWord } : 'none';
};

/** Judges a value without quotes. */
export const bareValue = (text: string, from: number, separator: Separator, final: boolean): Verdict => {
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
