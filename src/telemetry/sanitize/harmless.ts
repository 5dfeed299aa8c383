import { sensitivityOf } from './keys.ts';
import { runAt, type Separator } from './rule.ts';

/** What prose, types and code say after "password:". */
const HARMLESS = (
  'a an and any are as at be bool boolean bytes can cannot empty expired false for from function hidden if in incorrect int ' +
  'invalid is it missing must never nil no none not null number object of on optional or password required secret should ' +
  'str string text that the this to token true type undefined unknown unset varchar void was will with wrong you your'
).split(' ');
const HARMLESS_WORDS: ReadonlySet<string> = new Set(HARMLESS);
/** Those of them that weak secrets are made of. */
const WEAK_SECRET = /^(?:secret|password|token)$/;
/** What `credentials` is in `fetch`, and what tests say of a `pass`. */
const FETCH_MODES = ['include', 'omit', 'same-origin'];
const RESULTS = 'fail failed first ok pass passed second skip skipped yes'.split(' ');
const LONGEST_WORD = 16;
/** What stands between two texts, the first of which ends with "password:". */
const NO_VALUE = /^[\s,;:+()[\]{}]*$/;

const wordsFor = (name: string): readonly string[] => {
  if (/credentials$/i.test(name)) return [...HARMLESS, ...FETCH_MODES];
  return /^pass$/i.test(name) ? [...HARMLESS, ...RESULTS] : HARMLESS;
};

/** Whether a word is nothing but what prose or code may say instead of a value. */
export const isHarmlessWord = (word: string): boolean => HARMLESS_WORDS.has(word.toLowerCase());

/** `${API_KEY}`, `$API_KEY`, `{{ api_key }}`, `<your key>`, `Bearer ${token}`, `Bearer {token}`: names of values. */
const PLACEHOLDER =
  /(?:(?:Bearer |Basic |Token )?(?:\$\{[\w.:()[\]-]{1,64}\}|\$(?:[A-Za-z_]\w{0,63}|\[REDACTED\])|\{\{[^"'`\r\n{}]{1,64}\}\}|<[\w .[\]-]{1,64}>|your[-_ ][a-z_ -]{2,40}|YOUR[-_ ][A-Z_ -]{2,40}|%[A-Z_]{1,64}%|[*•]{3,64}|\.{3}|…)|Bearer \{[\w.]{1,64}\})(?=\\{0,3}["'`])/y;
const LONGEST_PLACEHOLDER = 80;
const PLACEHOLDER_START =
  /^(?:Bea?r?e?r?|Bas?i?c?|T?o?k?e?n?) ?(?:[$<{%*•.…]|$)|^[$<{%*•.…]|^(?:yo?u?r?|YO?U?R?)$|^(?:your|YOUR)[-_ ]/;

/** Whether a placeholder stands at this place of a quoted text. */
export const isPlaceholder = (text: string, from: number): boolean => runAt(PLACEHOLDER, text, from) !== '';

/** `PWD` is a shell's working directory and a database's password: only the value tells. */
export const isWorkingDirectory = (name: string, value: string): boolean =>
  /^(?:OLD)?PWD$/.test(name) && /^(?:[/~.$%]|[A-Za-z]:[\\/]|\\\\)/.test(value);

/** Whether a whole value under a sensitive name says no secret: `"required"`, `credentials: "include"`, `"${TOKEN}"`. */
export const isHarmlessValue = (name: string, value: string): boolean => {
  if (NO_VALUE.test(value)) return value.length < LONGEST_WORD;
  const word = value.toLowerCase();
  if (wordsFor(name).includes(word)) return !WEAK_SECRET.test(word);
  if (/^pass$/i.test(name) && /^\d+$/.test(value)) return true;
  return isWorkingDirectory(name, value) || runAt(PLACEHOLDER, `${value}"`, 0).length === value.length;
};

/** Whether more text could make the start of a value a harmless one. */
export const mayBeHarmless = ({ name }: Pick<Separator, 'name'>, start: string): boolean => {
  if (NO_VALUE.test(start)) return start.length < LONGEST_WORD;
  if (PLACEHOLDER_START.test(start)) return start.length < LONGEST_PLACEHOLDER;
  if (start.length >= LONGEST_WORD) return false;
  const word = start.toLowerCase();
  return (
    (/^pass$/i.test(name) && /^\d*$/.test(start)) || wordsFor(name).some((known) => known.startsWith(word))
  );
};

/** What a lexer or a language model says of the word that it calls `token`: log probabilities, Elasticsearch, parsers. */
const LEXEME_NUMBERS = 'logprob start_offset end_offset position pos offset score'.split(' ');
const LEXEME_TYPES =
  'alphanum comment ident identifier keyword literal name noun num number operator punctuation punctuator symbol verb whitespace word'.split(
    ' ',
  );
const LEXEME = /^(?: ?[^\s"\\\d:=]{1,24}|\d{1,3})$/;
const LEXEME_BEHIND = new RegExp(
  `(?: ?[^\\s"\\\\\\d:=]{1,24}|\\d{1,3})"\\s{0,4},\\s{0,4}"(?:(?:type|kind)"\\s{0,4}:\\s{0,4}"<?(?:${LEXEME_TYPES.join('|')})>?"|(?:${LEXEME_NUMBERS.join('|')})"\\s{0,4}:\\s{0,4}-?\\d)`,
  'iy',
);
const LEXEME_PART =
  /^(?: ?[^\s"\\\d:=]{0,24}|\d{0,3})(?:"\s{0,4}(?:,\s{0,4}(?:"\w{0,14}(?:"\s{0,4}(?::\s{0,4}(?:"<?\w{0,14}>?|-?)?)?)?)?)?)?$/;
const LONGEST_LEXEME = 100;

/** Whether an object calls a word of a text its `token`. */
export const isLexeme = (key: string, value: unknown, sibling: (key: string) => unknown): boolean => {
  if (key !== 'token' || typeof value !== 'string') return false;
  if (sibling('logprob') !== undefined) return true;
  if (!LEXEME.test(value)) return false;
  const isType = (type: unknown): boolean =>
    typeof type === 'string' && LEXEME_TYPES.includes(type.replace(/^<(.*)>$/, '$1').toLowerCase());
  if (isType(sibling('type')) || isType(sibling('kind'))) return true;
  return LEXEME_NUMBERS.some((name) => typeof sibling(name) === 'number');
};

/** The same for `"token": "…` in a text that is no JSON as a whole. */
export const isLexemeAt = (text: string, from: number, name: string, final: boolean): boolean | 'more' => {
  if (name !== 'token') return false;
  if (runAt(LEXEME_BEHIND, text, from) !== '') return true;
  const start = text.slice(from, from + LONGEST_LEXEME);
  return !final && start.length < LONGEST_LEXEME && LEXEME_PART.test(start) ? 'more' : false;
};

const MASK = /^(?:[*•.x_-]+|\$[A-Za-z_]\w*|%[A-Z_]+%|\/[*/].*)$/i;
const WORD = /^[A-Za-z_$.'’-]+$/;
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;
const PATH = /^[A-Za-z_$][A-Za-z_$]*(?:\.[A-Za-z_$]+)+$/;
const ROOTS =
  /^(?:process|os|env|self|this|config|settings|options|opts|args|ctx|props|params|req|request|import|vars|secrets)\./;
const LONGEST_PLAIN_WORD = 24;

/** Where an unquoted word stands that may be a secret. */
export interface Place extends Pick<Separator, 'name' | 'sensitivity' | 'tight' | 'colon' | 'comparison'> {
  /** The two characters after the word, as far as the text goes. */
  readonly next: string;
}

/** A name instead of a value: `process.env.API_KEY`, `token: accessToken`, `api_key=api_key`. */
const isReference = (word: string, place: Place): boolean => {
  if (word.toLowerCase() === place.name.toLowerCase()) return true;
  if (word.includes('.')) {
    if (ROOTS.test(word) || sensitivityOf(word) !== undefined) return true;
    return PATH.test(word) && (place.comparison || (!place.tight && place.sensitivity === 'secret'));
  }
  if (!IDENTIFIER.test(word) || /\d/.test(word) || sensitivityOf(word) === undefined) return false;
  return !place.tight || (word.includes('_') && word === word.toUpperCase());
};

const isSecretWord = (word: string, { sensitivity, tight, colon, next }: Place): boolean => {
  if (word.length > LONGEST_PLAIN_WORD) return true;
  if (sensitivity === 'password') return tight || !colon || !/^[ \t]/.test(next);
  return tight && word.length >= 4;
};

/** "Wrong password: 3 attempts left" counts something. */
const isCount = (word: string, { colon, tight, next }: Place): boolean =>
  colon && !tight && /^\d{1,3}$/.test(word) && /^ [A-Za-z[]/.test(next);

/** Whether an unquoted word after a sensitive name is a literal secret rather than prose or code. */
export const isLiteralSecret = (raw: string, place: Place): boolean => {
  const word = raw.replace(/[.!?:]+$/, '');
  // What has a label in it was judged before.
  if (
    word === '' ||
    word.includes('REDACTED') ||
    MASK.test(word) ||
    /^[([{]/.test(place.next) ||
    isCount(word, place)
  )
    return false;
  if (isHarmlessValue(place.name, word) || (isHarmlessWord(word) && !place.tight)) return false;
  if (isReference(word, place)) return false;
  if (WORD.test(word)) return isSecretWord(word, place);
  return place.sensitivity === 'password' || word.length >= 4;
};
