import {
  characterSet,
  REDACTED,
  type Rule,
  runAt,
  type Skip,
  skipFirst,
  skipRun,
  skipTo,
  startsWord,
  type Verdict,
} from './rule.ts';

/** What follows a prefix: `min` characters of a class with a digit or capital among them, or `sure` of any sort. */
export interface TokenBody {
  /** The inside of a character class. */
  readonly of: string;
  readonly min: number;
  readonly sure: number;
}

const MIXED = /[0-9A-Z]/;
/** Documents mask a key by one character, over and over. */
const MASK = /^(.)\1*$/;

/** A token that its prefix gives away. */
export const prefixed = (prefix: string, { of, min, sure }: TokenBody): Rule => {
  const start = new RegExp(`[${of}]{0,${sure}}`, 'y');
  const skipBody = skipRun(new RegExp(`[${of}]*`, 'y'));
  return (text, at, final) => {
    if (!startsWord(text, at)) return 'none';
    const run = runAt(start, text, at + prefix.length);
    if (run.length < sure && !final && at + prefix.length + run.length === text.length) return 'more';
    const secret = run.length >= sure || (run.length >= min && MIXED.test(run));
    if (MASK.test(run)) return 'none';
    return secret ? { from: at, label: REDACTED, skip: skipFirst(prefix.length, skipBody) } : 'none';
  };
};

const MAX_JWT_HEADER = 4096;
const JWT_HEADER = new RegExp(`[\\w-]{0,${MAX_JWT_HEADER}}`, 'y');
const JWT_CHARACTER = characterSet(/[\w-]/);
const JWT_PAYLOAD = /[\w-]{0,6}/y;
const skipJwt = skipRun(/[\w.-]*/y);

/** `eyJ` is the base64 of `{"`; a second part after a dot makes it a JSON web token, signed or encrypted. */
export const jwt: Rule = (text, at, final) => {
  // One try for each run of such characters keeps a long adversarial text linear.
  if (!startsWord(text, at, JWT_CHARACTER)) return 'none';
  const header = runAt(JWT_HEADER, text, at);
  const dot = at + header.length;
  const payload = text.charAt(dot) === '.' ? runAt(JWT_PAYLOAD, text, dot + 1) : '';
  if (payload.length === 6 && header.length >= 10) return { from: at, label: REDACTED, skip: skipJwt };
  const open =
    header.length < MAX_JWT_HEADER && (dot === text.length || dot + 1 + payload.length === text.length);
  return open && !final ? 'more' : 'none';
};

const skipTail = skipRun(/[\w-]*/y);

/** Finds what a sticky pattern of bounded length matches: `longest` with what stands behind it. A longer one is skipped to its end. */
const shaped = (
  pattern: RegExp,
  longest: number,
  mayStart: (text: string, at: number) => boolean,
  isSecret: (found: string) => boolean = () => true,
): Rule => {
  return (text, at, final): Verdict => {
    if (!mayStart(text, at)) return 'none';
    if (!final && text.length - at < longest && !/\s{2}|["'<>]/.test(text.slice(at, at + longest)))
      return 'more';
    const found = runAt(pattern, text, at);
    if (found === '' || !isSecret(found)) return 'none';
    return { from: at, label: REDACTED, skip: skipFirst(found.length, skipTail) };
  };
};

/** An AWS access key id; in the CSV file of the console its secret stands behind it. */
export const awsKey: Rule = shaped(
  /(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16,64}(?:[,\t][A-Za-z0-9/+]{40,64})?/y,
  136,
  startsWord,
);

const DIGIT = characterSet(/[A-Za-z0-9]/);
const afterBot = (text: string, at: number): boolean =>
  startsWord(text, at, DIGIT) || text.slice(Math.max(0, at - 3), at) === 'bot';

/** The token of a Telegram bot: its number and 35 characters. */
export const telegram: Rule = shaped(/\d{8,10}:AA[\w-]{31,64}/y, 80, afterBot);

/** The token of a Discord bot: its number in base64, a time, a signature. */
export const discord: Rule = shaped(/[MNO][\w-]{22,27}\.[\w-]{6}\.[\w-]{27,64}/y, 104, startsWord);

const WEBHOOK_PATH =
  /(?:hooks\.slack\.com\\{0,3}\/(?:services|workflows|triggers)|discord(?:app)?\.com\\{0,3}\/api\\{0,3}\/webhooks)\\{0,3}\//y;
const LONGEST_WEBHOOK = 256;
const WEBHOOK_SECRET = new RegExp(`(?:[\\w-]|\\\\{0,3}/){0,${LONGEST_WEBHOOK}}`, 'y');
const skipPath = skipRun(/[\w/-]*/y);
const skipNothing: Skip = (_text, at) => ({ at, ended: true });
const MAX_WEBHOOK = 340;

/** The URL of a webhook is a password: its path says who may write. */
export const webhook: Rule = (text, at, final) => {
  if (!final && text.length - at < MAX_WEBHOOK && !/[\s"'<>]/.test(text.slice(at, at + MAX_WEBHOOK)))
    return 'more';
  const path = runAt(WEBHOOK_PATH, text, at);
  const from = at + path.length;
  const secret = path && runAt(WEBHOOK_SECRET, text, from);
  if (secret.length < 20) return 'none';
  const skip = secret.length < LONGEST_WEBHOOK ? skipNothing : skipPath;
  return { from, label: 'REDACTED', skip: skipFirst(secret.length, skip) };
};

/** The first digits and the length of the cards in use: Visa, Mastercard, American Express, Diners, Discover, JCB, UnionPay. */
const CARD_BRAND =
  /^(?:4\d{15}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|4[4-9]\d|5\d\d)\d{12}|35\d{14}|62\d{14,17})$/;
const CARD =
  /(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{4}|\d{4}([ -])\d{6}\2\d{4,5})(?!\w|[.-](?:\d|\[REDACTED))/y;
const BEFORE_CARD = characterSet(/[\w./-]/);

const passesLuhn = (digits: string): boolean => {
  const sum = [...digits].reverse().reduce((total, digit, place) => {
    const twice = Number(digit) * 2;
    return total + (place % 2 === 0 ? Number(digit) : twice > 9 ? twice - 9 : twice);
  }, 0);
  return sum % 10 === 0;
};

/** The number of a card: digits of a brand's length, in one run or in the usual groups, that pass Luhn's check. */
export const card: Rule = shaped(
  CARD,
  40,
  (text, at) => startsWord(text, at, BEFORE_CARD),
  (found) => {
    const digits = found.replace(/\D/g, '');
    return CARD_BRAND.test(digits) && passesLuhn(digits);
  },
);

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
