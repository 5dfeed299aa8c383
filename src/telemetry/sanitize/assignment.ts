import { isSensitiveQueryKey, PAIR_VALUE, type Sensitivity } from './keys.ts';
import {
  type Asked,
  characterSet,
  type Rule,
  runAt,
  runBack,
  type Separator,
  skipRun,
  type Verdict,
} from './rule.ts';
import { valueAt } from './value.ts';

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

const NAME_END = characterSet(/[\w$."'`\] \t-]/);
const OPERATOR = { ':': /:[:=]?/y, '=': /={1,3}>?/y };

const openQuote = ({ before, quoted }: Name): string => (!quoted && /["'`]/.test(before) ? before : '');

const isQuery = (text: string, at: number, { before, blankAfter }: Name): boolean =>
  text.charAt(at) === '=' && !blankAfter && (before === '?' || before === '&');

const QUERY_VALUE_END = /[&#\s"'<>`\\]/;
const QUERY_VALUE = /[^&#\s"'<>`\\]{0,13}/y;
const LONGEST_QUERY_WORD = 12;
const skipQueryValue = skipRun(/[^&#\s"'<>`\\]*/y);

/** `?sig=…` and `&token=…`: the value becomes `REDACTED`, as OpenTelemetry asks. A `key` is often no more than a word. */
export const createQueryValue =
  ({ sensitivityOf, nameBefore }: Asked): Rule =>
  (text, at, final): Verdict => {
    if (!NAME_END(text.charCodeAt(at - 1))) return 'none';
    const found = nameBefore(text, at);
    if (!isQuery(text, at, found)) return 'none';
    const isKey = isSensitiveQueryKey(found.name);
    if (!isKey && sensitivityOf(found.name) === undefined) return 'none';
    const from = at + 1;
    if (from === text.length) return final ? 'none' : 'more';
    if (QUERY_VALUE_END.test(text.charAt(from))) return 'none';
    if (isKey && /^key$/i.test(found.name)) {
      const value = runAt(QUERY_VALUE, text, from);
      const isOpen = from + value.length === text.length && value.length <= LONGEST_QUERY_WORD;
      if (isOpen && !final) return 'more';
      if (value.length <= LONGEST_QUERY_WORD && /^[A-Za-z_-]+$/.test(value)) return 'none';
    }
    return { from, label: 'REDACTED', skip: skipQueryValue };
  };

const MAX_LOGIN = 100;
const USER = characterSet(/[\w.@%+-]/);
const BEFORE_USER = characterSet(/[ ="']/);
const LOGIN = /(?:^|[\s"'`(])(?:-u|--user|--proxy-user)[ =]["']?[A-Za-z][\w.@%+-]*$/;

/** `name` and `value` as two entries of one object, element or YAML item: the name stands before. */
const PAIR_NAME =
  /(?:name|key|field|header|variable)[\\"'`]{0,4}[ \t]{0,4}[:=][ \t]{0,4}[\\"'`]{0,4}([\w$.-]{1,64})[\\"'`]{0,4}(?:[\s,;]|\\[nrt]){1,16}[\\"'`]{0,4}$/i;
const MAX_PAIR = 120;

/** Reads what stands before a value: its sensitivity, by its own name or by the name that it pairs with. */
type Judge = (text: string, at: number, found: Name) => Sensitivity | undefined;

const separatorAt = (
  text: string,
  at: number,
  found: Name,
  sensitivity: Sensitivity,
  operator: string,
): Separator => ({
  name: found.name,
  sensitivity,
  colon: text.charAt(at) === ':',
  comparison: operator.startsWith('=='),
  tight: !found.blankAfter,
  jsonEscapes: found.jsonEscapes,
  openQuote: openQuote(found),
});

const valueRule =
  ({ nameBefore }: Asked, judge: Judge): Rule =>
  (text, at, final): Verdict => {
    if (!NAME_END(text.charCodeAt(at - 1))) return 'none';
    const found = nameBefore(text, at);
    const sensitivity = judge(text, at, found);
    if (sensitivity === undefined) return 'none';
    const operator = runAt(text.charAt(at) === ':' ? OPERATOR[':'] : OPERATOR['='], text, at);
    const from = at + operator.length;
    if (from === text.length) return final ? 'none' : 'more';
    if (operator === '::') return 'none';
    return valueAt(text, from, separatorAt(text, at, found, sensitivity, operator), final);
  };

/** Judges `name: value`, `name = value`, `name => value` at the separator, in JSON, code, YAML, headers, shells. */
export const createNamedValue = (asked: Asked): Rule =>
  valueRule(asked, (_text, _at, { name }) => asked.sensitivityOf(name));

/** `curl -u user:password`. */
export const createLogin = (asked: Asked): Rule =>
  valueRule(asked, (text, at, { quoted, blankAfter }) => {
    if (text.charAt(at) !== ':' || quoted || blankAfter) return undefined;
    const user = runBack(text, at, USER, MAX_LOGIN);
    if (!BEFORE_USER(text.charCodeAt(user - 1))) return undefined;
    return LOGIN.test(text.slice(Math.max(0, at - MAX_LOGIN), at)) ? 'password' : undefined;
  });

/** `{"name": "DB_PASSWORD", "value": "…"}`, `<add key="…" value="…">`, and the same over two lines of YAML. */
export const createPairValue = (asked: Asked): Rule =>
  valueRule(asked, (text, at, { name, start }) => {
    if (!/e$/i.test(name) || !PAIR_VALUE.test(name)) return undefined;
    const [, pairName = ''] = PAIR_NAME.exec(text.slice(Math.max(0, at - MAX_PAIR), start)) ?? [];
    return asked.sensitivityOf(pairName);
  });

const FLAG = /--[A-Za-z0-9-]{1,64}/y;
const MAX_FLAG = 66;
const FLAG_SEPARATOR = {
  colon: false,
  comparison: false,
  tight: false,
  jsonEscapes: undefined,
  openQuote: '',
};

/** `--password value` on a command line; `--password=value` is a named value. */
export const createFlag =
  ({ sensitivityOf }: Asked): Rule =>
  (text, at, final): Verdict => {
    if (at > 0 && !/[\s"'`=([]/.test(text.charAt(at - 1))) return 'none';
    const name = runAt(FLAG, text, at);
    const end = at + name.length;
    if (end === text.length) return final || name.length === MAX_FLAG ? 'none' : 'more';
    const sensitivity = text.charAt(end) === ' ' ? sensitivityOf(name) : undefined;
    if (sensitivity === undefined) return 'none';
    if (end + 1 === text.length) return final ? 'none' : 'more';
    if (text.charAt(end + 1) === '-') return 'none';
    return valueAt(text, end + 1, { name, sensitivity, ...FLAG_SEPARATOR }, final);
  };
