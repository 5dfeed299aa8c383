import { characterSet, REDACTED, type Rule, runAt, skipRun, startsWord } from './rule.ts';

/** A token that its prefix gives away: `min` characters with a digit or capital among them, or `sure` of any sort. */
interface Prefix {
  readonly prefixes: readonly string[];
  /** The characters that follow, as the inside of a character class. */
  readonly body: string;
  readonly min: number;
  readonly sure: number;
}

const PREFIXES: readonly Prefix[] = [
  { prefixes: ['sk-'], body: '\\w-', min: 12, sure: 20 },
  { prefixes: ['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_', 'whsec_'], body: '\\w', min: 10, sure: 20 },
  { prefixes: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'], body: '\\w', min: 16, sure: 20 },
  { prefixes: ['glpat-', 'gldt-', 'glrt-', 'glcbt-', 'glptt-', 'glsoat-'], body: '\\w.-', min: 12, sure: 20 },
  {
    prefixes: ['xoxa-', 'xoxb-', 'xoxe-', 'xoxo-', 'xoxp-', 'xoxr-', 'xoxs-', 'xapp-'],
    body: '\\w.-',
    min: 10,
    sure: 20,
  },
  { prefixes: ['AIza', 'GOCSPX-'], body: '\\w-', min: 20, sure: 30 },
  { prefixes: ['ya29.'], body: '\\w.-', min: 16, sure: 24 },
  { prefixes: ['AKIA', 'ASIA', 'ABIA', 'ACCA'], body: 'A-Z0-9', min: 16, sure: 16 },
  { prefixes: ['npm_', 'hf_', 'gsk_', 'xai-', 'pplx-', 'r8_'], body: 'A-Za-z0-9', min: 20, sure: 30 },
  { prefixes: ['SG.'], body: '\\w.-', min: 20, sure: 40 },
  {
    prefixes: ['nvapi-', 'pypi-', 'dckr_pat_', 'lsv2_pt_', 'AGE-SECRET-KEY-'],
    body: '\\w-',
    min: 16,
    sure: 24,
  },
];

const MIXED = /[0-9A-Z]/;

/** Characters of a prefix that its body does not have, for the same character class: the skip starts at the prefix. */
const othersIn = (prefix: string, body: string): string => {
  const inBody = new RegExp(`[${body}]`);
  return [...prefix].map((character) => (inBody.test(character) ? '' : `\\${character}`)).join('');
};

const prefixRule = (prefix: string, { body, min, sure }: Prefix): Rule => {
  const start = new RegExp(`[${body}]{0,${sure}}`, 'y');
  const skip = skipRun(new RegExp(`[${othersIn(prefix, body)}${body}]*`, 'y'));
  return (text, at, final) => {
    if (!startsWord(text, at)) return 'none';
    const run = runAt(start, text, at + prefix.length);
    if (run.length < sure && !final && at + prefix.length + run.length === text.length) return 'more';
    const secret = run.length >= sure || (run.length >= min && MIXED.test(run));
    return secret ? { from: at, label: REDACTED, skip } : 'none';
  };
};

const MAX_JWT_HEADER = 4096;
const JWT_HEADER = new RegExp(`[\\w-]{0,${MAX_JWT_HEADER}}`, 'y');
const JWT_CHARACTER = characterSet(/[\w-]/);
const JWT_PAYLOAD = /[\w-]{0,6}/y;
const skipJwt = skipRun(/[\w.-]*/y);

/** `eyJ` is the base64 of `{"`; a second part after a dot makes it a JSON web token, signed or encrypted. */
const jwt: Rule = (text, at, final) => {
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

/** The rule for each prefix that starts a token. */
export const TOKEN_RULES: ReadonlyMap<string, Rule> = new Map([
  ...PREFIXES.flatMap((row) => row.prefixes.map((prefix) => [prefix, prefixRule(prefix, row)] as const)),
  ['eyJ', jwt] as const,
]);
