import { isSensitiveQueryKey, type Sensitivity, sensitivityOf } from './keys.ts';
import { type Name, nameBefore } from './name.ts';
import { characterSet, type Rule, runAt, skipRun, type Verdict } from './rule.ts';
import { valueAt } from './value.ts';

const QUERY_VALUE_END = /[&#\s"'<>`\\]/;
const skipQueryValue = skipRun(/[^&#\s"'<>`\\]*/y);

/** `?sig=…` and `&token=…`: the value becomes `REDACTED`, as OpenTelemetry asks. */
const queryValue = (text: string, from: number, final: boolean): Verdict => {
  if (from === text.length) return final ? 'none' : 'more';
  return QUERY_VALUE_END.test(text.charAt(from)) ? 'none' : { from, label: 'REDACTED', skip: skipQueryValue };
};

const NAME_END = characterSet(/[\w$."'`\] \t-]/);

const openQuote = ({ before, quoted }: Name): string => (!quoted && /["'`]/.test(before) ? before : '');

const MAX_LOGIN = 100;
const LOGIN = /(?:^|[\s"'`(])(?:-u|--user|--proxy-user)[ =]["']?[A-Za-z][\w.@%+-]*$/;

/** `curl -u user:password`. */
const login = (text: string, at: number): Sensitivity | undefined =>
  LOGIN.test(text.slice(Math.max(0, at - MAX_LOGIN), at)) ? 'password' : undefined;

/** Judges `name: value`, `name = value`, `name => value` and `?name=value` at the separator. */
export const assignment: Rule = (text, at, final) => {
  if (!NAME_END(text.charCodeAt(at - 1))) return 'none';
  const found = nameBefore(text, at);
  const { name, before, blankAfter, jsonEscapes } = found;
  const colon = text.charAt(at) === ':';
  const query = !colon && !blankAfter && (before === '?' || before === '&');
  if (query && isSensitiveQueryKey(name)) return queryValue(text, at + 1, final);
  const sensitivity =
    sensitivityOf(name) ?? (colon && !found.quoted && !blankAfter ? login(text, at) : undefined);
  if (sensitivity === undefined) return 'none';
  const operator = runAt(colon ? /:[:=]?/y : /={1,3}>?/y, text, at);
  const from = at + operator.length;
  if (from === text.length) return final ? 'none' : 'more';
  if (operator === '::') return 'none';
  const comparison = operator.startsWith('==');
  const separator = {
    name,
    sensitivity,
    colon,
    comparison,
    tight: !blankAfter,
    jsonEscapes,
    openQuote: openQuote(found),
  };
  return valueAt(text, from, separator, final);
};

const FLAG = /--[A-Za-z0-9-]{1,64}/y;
const MAX_FLAG = 66;
const FLAG_SEPARATOR = {
  colon: false,
  comparison: false,
  tight: false,
  jsonEscapes: undefined,
  openQuote: '',
};

/** `--password value` on a command line; `--password=value` is an assignment. */
export const flag: Rule = (text, at, final) => {
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
