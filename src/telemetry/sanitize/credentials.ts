import {
  characterSet,
  REDACTED,
  type Rule,
  runAt,
  type Skip,
  skipRun,
  skipTo,
  startsWord,
  type Verdict,
} from './rule.ts';

const skipCredential = skipRun(/[\w.~+/=-]*/y);
const BLANKS = /[ \t]{0,8}/y;
const MAX_BEARER = 20;
const MAX_BASIC = 512;
const USER = /^[^\p{Cc}\ufffd:]*:/u;

/** Prose says "bearer tokens" and "bearer token-based": a credential has a digit, or is long, or is oddly joined. */
const isBearer = (word: string): boolean => {
  if (word.length === MAX_BEARER) return true;
  const bare = word.replace(/[.=]+$/, '');
  return bare.length >= 6 && (/[0-9_~+]/.test(bare) || (bare.length >= 12 && /[.-]/.test(bare)));
};

/** Prose says "basic information": credentials decode to `user:password`. */
const isBasic = (word: string): boolean =>
  word.length === MAX_BASIC || (word.length >= 4 && USER.test(Buffer.from(word, 'base64').toString()));

/** Judges the word after a scheme by its first `max` characters: a longer one is a credential. */
const scheme = (length: number, max: number, isCredential: (word: string) => boolean): Rule => {
  const start = new RegExp(`[\\w.~+/=-]{0,${max}}`, 'y');
  return (text, at, final): Verdict => {
    if (!startsWord(text, at)) return 'none';
    const blanks = runAt(BLANKS, text, at + length).length;
    const from = at + length + blanks;
    if (from === text.length) return final ? 'none' : 'more';
    if (blanks === 0) return 'none';
    const word = runAt(start, text, from);
    if (word.length < max && !final && from + word.length === text.length) return 'more';
    return isCredential(word) ? { from, label: REDACTED, skip: skipCredential } : 'none';
  };
};

/** `Bearer <word>`, with or without a header name. */
export const bearer: Rule = scheme('bearer'.length, MAX_BEARER, isBearer);
/** `Basic <base64>`. */
export const basic: Rule = scheme('basic'.length, MAX_BASIC, isBasic);

const MAX_USER_INFO = 1024;
const AUTHORITY = new RegExp(`[^\\s/?#"'<>\`\\\\]{0,${MAX_USER_INFO}}`, 'y');

const SLASHES = /:(?:\\{0,3}\/){2}/y;
const SLASHES_PART = /^:\\{0,3}(?:\/\\{0,3})?$/;
const LONGEST_SLASHES = 9;
const SLASH = characterSet(/[/\\]/);

/** Whether `://` (in JSON perhaps with backslashes) stands at a colon. */
export const isUrl = (text: string, at: number, final: boolean): boolean | 'more' => {
  if (at + 1 < text.length && !SLASH(text.charCodeAt(at + 1))) return false;
  if (runAt(SLASHES, text, at) !== '') return true;
  return !final && text.length - at < LONGEST_SLASHES && SLASHES_PART.test(text.slice(at)) ? 'more' : false;
};

/** `://user:password@`, as in any URL; the last `@` counts, as people do not encode their passwords. */
export const userInfo: Rule = (text, at, final) => {
  const from = at + runAt(SLASHES, text, at).length;
  const authority = runAt(AUTHORITY, text, from);
  if (authority.length < MAX_USER_INFO && !final && from + authority.length === text.length) return 'more';
  const end = authority.lastIndexOf('@');
  const user = authority.slice(0, Math.max(0, end));
  if (user === '' || user === 'git' || user.includes('REDACTED')) return 'none';
  return {
    from,
    label: user.includes(':') ? 'REDACTED:REDACTED' : 'REDACTED',
    skip: skipTo(from + end, from),
  };
};

const PEM_START = /-----BEGIN (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----/y;
const PEM_START_PART = /^-----BEGIN[A-Z0-9 -]{0,80}$/;
const PEM_END = /-----END [A-Z0-9 ]{0,64}-----/g;
const MAX_PEM_LINE = 96;
const PEM_BODY = /[ \t]{0,8}(?:[\r\n]|\\+[nr]|[A-Za-z0-9+/=]{20})/y;
const PEM_BODY_PART = /^[ \t]{0,8}(?:\\{0,4}|[A-Za-z0-9+/=]{0,19})$/;

/** A key without an end hides the rest of the text: better than showing half of it. */
const skipPem: Skip = (text, at, final) => {
  PEM_END.lastIndex = at;
  const end = PEM_END.exec(text);
  if (end) return { at: PEM_END.lastIndex, ended: true };
  return final
    ? { at: text.length, ended: true }
    : { at: Math.max(at, text.length - MAX_PEM_LINE), ended: false };
};

/** A private key in PEM armour. Prose that only names the first line is left alone. */
export const pem: Rule = (text, at, final) => {
  const head = runAt(PEM_START, text, at);
  if (head === '') return !final && PEM_START_PART.test(text.slice(at, at + MAX_PEM_LINE)) ? 'more' : 'none';
  const body = at + head.length;
  if (runAt(PEM_BODY, text, body) !== '') return { from: at, label: REDACTED, skip: skipPem };
  return !final && PEM_BODY_PART.test(text.slice(body, body + 40)) ? 'more' : 'none';
};
