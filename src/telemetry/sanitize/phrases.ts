import type { Name } from './assignment.ts';
import { isHarmlessWord } from './harmless.ts';
import {
  type Asked,
  characterSet,
  REDACTED,
  type Rule,
  runAt,
  type Skip,
  skipRun,
  skipTo,
  startsWord,
} from './rule.ts';

const CDATA = '<![CDATA[';
const CDATA_END = ']]>';
const skipCdata: Skip = (text, at, final) => {
  const end = text.indexOf(CDATA_END, at);
  if (end >= 0) return { at: end, ended: true };
  return { at: final ? text.length : Math.max(at, text.length - 2), ended: final };
};

const MAX_LOOK = 120;
const ELEMENT = /<([A-Za-z_][\w:.-]{0,63})(\s[^<>]*)?$/;
const ELEMENT_NAME = /\s(?:name|key)\s?=\s?\\{0,7}["']([\w.-]{1,64})\\{0,7}["']/;
const MAX_ELEMENT = 256;
const ELEMENT_TEXT = new RegExp(`[^<]{0,${MAX_ELEMENT}}`, 'y');
const BLANKS = /\s{0,64}/y;
const NO_ELEMENT_END = characterSet(/[-=/\s]/);
/** What has a label in it was judged before. */
const PLACEHOLDER = /^(?:\$\{.*\}|\{\{.*\}\}|%\w+%|@\w+@|[*•.…x]+|your.*)$|REDACTED/is;
const skipElementWord = skipRun(/[^<\s]*/y);

/** Of a token or a key prose may stand in an element, of a password anything may be one. */
const isElementSecret = (value: string, name: string, sensitivity: 'password' | 'secret'): boolean => {
  if (PLACEHOLDER.test(value) || isHarmlessWord(value) || value.toLowerCase() === name.toLowerCase())
    return false;
  if (sensitivity === 'password') return !/\s\S+\s\S+\s\S+\s/.test(value);
  return !/\s/.test(value) && (value.length >= 8 || (value.length >= 4 && /\d/.test(value)));
};

/** `<password>…</password>` and `<entry key="password">…</entry>`. */
export const createElement =
  ({ sensitivityOf }: Asked): Rule =>
  (text, at, final) => {
    if (NO_ELEMENT_END(text.charCodeAt(at - 1))) return 'none';
    const [, tag = '', attributes = ''] = ELEMENT.exec(text.slice(Math.max(0, at - MAX_LOOK), at)) ?? [];
    if (tag === '') return 'none';
    const name = sensitivityOf(tag) ? tag : (ELEMENT_NAME.exec(attributes)?.[1] ?? '');
    const sensitivity = sensitivityOf(name);
    if (sensitivity === undefined) return 'none';
    const from = at + 1 + runAt(BLANKS, text, at + 1).length;
    const inside = from + CDATA.length;
    const start = text.slice(from, inside + REDACTED.length);
    const labelled = CDATA + REDACTED;
    // A label that stands there already is left alone, and the start of both may still become one.
    if (!final && start.length < labelled.length && labelled.startsWith(start)) return 'more';
    if (start === labelled) return 'none';
    if (start.startsWith(CDATA)) return { from: inside, label: REDACTED, skip: skipCdata };
    const value = runAt(ELEMENT_TEXT, text, from);
    const end = from + value.length;
    if (value.length === MAX_ELEMENT)
      return /\s|REDACTED/.test(value) ? 'none' : { from, label: REDACTED, skip: skipElementWord };
    if (!final && end + 1 >= text.length) return 'more';
    const trimmed = value.trimEnd();
    // A text that was cut ends inside the element; without the end what looks like a secret alone is one.
    const isCut = text.length < end + 2 && '</'.startsWith(text.slice(end));
    const judgedAs = isCut ? 'secret' : sensitivity;
    const isClosed = isCut || text.startsWith('</', end);
    if (!isClosed || trimmed === '' || !isElementSecret(trimmed, name, judgedAs)) return 'none';
    return { from, label: REDACTED, skip: skipTo(from + trimmed.length, from) };
  };

/** Words that make "password: …" a sentence. */
const SENTENCE = new Set(
  (
    'again at attempts be been before but by change changed characters check click confirm correctly did do does each enter every field for forgot ' +
    'forgotten from get go had has have he her hint how i incorrect input into its keep label least left length link login long longer make may ' +
    'minimum more most my need needs new next no old only our out page placeholder please policy read requirements reset rules same see sent set ' +
    'she short should so store stored strength strong than their them then there these they this those too try two type up updated use used ' +
    'user username users valid validation was we weak were what when where which while who why within would yes'
  ).split(' '),
);
const PASSWORD_NAME = /(?:password|passwd|pwd)$/i;
const PHRASE_NAME = /(?:pass_?phrase|mnemonic)$/i;
/** "Seed phrase: …": the word before says which sort of words these are. */
const LAST_OF_NAME = /^(?:phrase|words)$/i;
const FIRST_OF_NAME = /(?:pass|seed|recovery|secret|mnemonic)[ _-]$/i;
const LONGEST_FIRST = 10;

/** What a name says of the words behind it: that they are a phrase, or a password. */
const sortOf = (text: string, { name, start }: Name): 'phrase' | 'password' | undefined => {
  if (PASSWORD_NAME.test(name)) return 'password';
  if (PHRASE_NAME.test(name)) return 'phrase';
  const isLast =
    LAST_OF_NAME.test(name) && FIRST_OF_NAME.test(text.slice(Math.max(0, start - LONGEST_FIRST), start));
  return isLast || /(?:seed|recovery|secret|pass)[_-]?phrase$/i.test(name) ? 'phrase' : undefined;
};

const MAX_WORDS = 24;
const PHRASE = new RegExp(
  `["'\`]?(?:[A-Za-z]{2,15}|\\d{1,4})(?:[ -](?:[A-Za-z]{2,15}|\\d{1,4})){0,${MAX_WORDS - 1}}`,
  'y',
);
const PHRASE_PART = /^["'`]?(?:[A-Za-z\d]{1,15}[ -])*[A-Za-z\d]{0,15}$/;
const LONGEST_PHRASE = MAX_WORDS * 16;
const PHRASE_END = /^(?:$|[\r\n"'`,;}\\]|\.(?:$|[\s\\"']))/;
const FEWEST = { phrase: 3, password: 4 };

/** `passphrase: correct horse battery staple`: several words, none of which makes them a sentence. */
export const createPassphrase =
  ({ nameBefore }: Asked): Rule =>
  (text, at, final) => {
    const sort = sortOf(text, nameBefore(text, at));
    if (sort === undefined) return 'none';
    const from = at + 1 + runAt(/[ \t]{0,8}/y, text, at + 1).length;
    const open = text.slice(from, from + LONGEST_PHRASE);
    if (!final && open.length < LONGEST_PHRASE && PHRASE_PART.test(open)) return 'more';
    const found = runAt(PHRASE, text, from);
    const phrase = found.replace(/^["'`]/, '');
    const words = phrase.toLowerCase().split(/[ -]/);
    const end = from + found.length;
    if (!final && end + 1 >= text.length) return 'more';
    const rest = text.slice(end, end + 2);
    const ends = PHRASE_END.test(rest) && (sort === 'phrase' || !rest.startsWith('.'));
    if (!ends || words.length < FEWEST[sort]) return 'none';
    if (words.some((word) => isHarmlessWord(word) || SENTENCE.has(word))) return 'none';
    const start = end - phrase.length;
    return { from: start, label: REDACTED, skip: skipTo(end, start) };
  };

/** After the word "password" a value may stand without a separator, in three settings. */
const AFTER_WORD = /[ \t]{1,8}/y;
const VALUE = /[^\s"'`,;]{0,64}/y;
const skipValue = skipRun(/[^\s"'`,;]*/y);
const NETRC_BEFORE =
  /(?:^|[^A-Za-z0-9]|\\[nrt])(?:machine[ \t]+\S+|default)(?:\s+(?:login|account)[ \t]+\S+){0,2}(?:\s|\\[nrt]){1,16}$/;
const MAX_NETRC_WORD = 64;

/** `machine host login me password …` in a `.netrc`. */
export const netrc: Rule = (text, at, final) => {
  const before = text.slice(Math.max(0, at - MAX_LOOK), at);
  if (!before.includes('machine') && !before.includes('default')) return 'none';
  if (!NETRC_BEFORE.test(before)) return 'none';
  const blanks = at + 'password'.length;
  const from = blanks + runAt(AFTER_WORD, text, blanks).length;
  if (from === text.length) return final ? 'none' : 'more';
  const value = runAt(VALUE, text, from);
  if (from + value.length === text.length && !final && value.length < MAX_NETRC_WORD) return 'more';
  if (from === blanks || value === '' || value.startsWith('[REDACTED')) return 'none';
  return { from, label: REDACTED, skip: skipValue };
};

const SAID = /[ \t]{1,4}is:?[ \t]{1,4}["'`]?/y;
const SAID_PART = /^(?:[ \t]{0,4}|[ \t]{1,4}is?:?[ \t]{0,4}["'`]?)$/;
const LONGEST_SAID = 12;
/** "The password is sha256-hashed" names a way to store one. */
const WAY = /^(?:sha|md|base|bcrypt|scrypt|argon|aes|pbkdf|utf|v)-?\d/i;

/** "The password is hunter2": a word with a digit, six characters or more. */
export const said: Rule = (text, at, final) => {
  const word = at + runAt(/[a-z]{1,10}/iy, text, at).length;
  const before = runAt(SAID, text, word);
  const rest = text.slice(word, word + LONGEST_SAID);
  if (!final && rest.length < LONGEST_SAID && SAID_PART.test(rest)) return 'more';
  if (before === '') return 'none';
  const from = word + before.length;
  const value = runAt(VALUE, text, from);
  if (!final && from + value.length === text.length && value.length < MAX_NETRC_WORD) return 'more';
  const bare = value.replace(/[.!?)\]]+$/, '');
  if (bare.length < 6 || !/\d/.test(bare) || !/[A-Za-z]/.test(bare) || WAY.test(bare)) return 'none';
  return { from, label: REDACTED, skip: skipValue };
};

const SQL_IDENTIFIED = /\s{1,8}(?:with\s{1,8}\w{1,32}\s{1,8})?(?:by|as)\s{1,8}(?:password\s{1,8})?(['"])?/iy;
const SQL_PASSWORD = /\s{0,8}\(?\s{0,8}(')/y;
const SQL_BEFORE = /(?:\b(?:with|encrypted|user|role|login|set|superuser)\b[^;'"]*|=\s*)$/i;
const SQL_GRANT = /\b(?:alter|create|grant)\b[^;]*$/i;
const LONGEST_SQL = 96;
const skipSql = { "'": skipRun(/[^'\r\n]*/y), '"': skipRun(/[^"\r\n]*/y), '': skipRun(/[^\s;,'"]*/y) };

/** `IDENTIFIED BY 'x'`, `WITH PASSWORD 'x'`, `PASSWORD('x')`, quoted or, behind BY, bare. */
export const sql: Rule = (text, at, final) => {
  if (!startsWord(text, at)) return 'none';
  const isBy = /^i/i.test(text.charAt(at));
  const word = at + (isBy ? 'identified' : 'password').length;
  const pattern = isBy ? SQL_IDENTIFIED : SQL_PASSWORD;
  pattern.lastIndex = word;
  const found = pattern.exec(text);
  const isOpen = !final && text.length - word < LONGEST_SQL;
  if (!found && !isOpen) return 'none';
  const before = text.slice(Math.max(0, at - MAX_LOOK), at);
  const isSql = isBy ? text.charAt(at) === 'I' || SQL_GRANT.test(before) : SQL_BEFORE.test(before);
  if (!isSql) return 'none';
  if (isOpen || !found) return isOpen ? 'more' : 'none';
  const quote = (found[1] ?? '') as keyof typeof skipSql;
  const from = word + found[0].length;
  const value = runAt(/[^\s;,'"]{0,64}/y, text, from);
  if (
    quote === '' &&
    (value === '' || /^(?:values|externally|globally|random|its|the|a|an|it)$/i.test(value))
  )
    return 'none';
  if (from === text.length || text.charAt(from) === quote || /[\r\n]/.test(text.charAt(from))) return 'none';
  return { from, label: REDACTED, skip: skipSql[quote] };
};
