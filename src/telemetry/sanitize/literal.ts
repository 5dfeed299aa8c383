import { isWorkingDirectory, sensitivityOf } from './keys.ts';
import type { Separator } from './separator.ts';

/** Where an unquoted word stands that may be a secret. */
export interface Place extends Pick<Separator, 'name' | 'sensitivity' | 'tight' | 'colon' | 'comparison'> {
  /** The character after the word, or '' at the end of the text. */
  readonly next: string;
}

/** What prose, types and code say after "password:". */
const HARMLESS = new Set(
  (
    'a an and any are as at be bool boolean bytes can cannot empty expired false for from function hidden if in incorrect int ' +
    'invalid is it missing must never nil no none not null number object of on optional or password required secret should ' +
    'str string text that the this to token true type undefined unknown unset varchar void was will with wrong you your'
  ).split(' '),
);
/** Those of them that weak secrets are made of. */
const WEAK_SECRET = /^(?:secret|password|token)$/;
/** `****`, `xxxx`, `$PASSWORD` and comments. */
const MASK = /^(?:[*•.x_-]+|\$[A-Za-z_]\w*|\/[*/].*)$/i;
const WORD = /^[A-Za-z_$.'’-]+$/;
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;
const PATH = /^[A-Za-z_$][A-Za-z_$]*(?:\.[A-Za-z_$]+)+$/;
const ROOTS =
  /^(?:process|os|env|self|this|config|settings|options|opts|args|ctx|props|params|req|request|import|vars|secrets)\./;
const LONGEST_WORD = 24;

/** Whether a word is nothing but what prose or code may say instead of a value. */
export const isHarmlessWord = (word: string): boolean => HARMLESS.has(word.toLowerCase());

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
  if (word.length > LONGEST_WORD) return true;
  if (sensitivity === 'password') return tight || !colon || !/[ \t]/.test(next);
  return tight && word.length >= 4;
};

/** Whether an unquoted word after a sensitive name is a literal secret rather than prose or code. */
export const isLiteralSecret = (raw: string, place: Place): boolean => {
  const word = raw.replace(/[.!?:]+$/, '');
  if (word === '' || MASK.test(word) || /[([{]/.test(place.next)) return false;
  if (isHarmlessWord(word) && !(place.tight && WEAK_SECRET.test(word))) return false;
  if (isReference(word, place) || isWorkingDirectory(place.name, word)) return false;
  if (WORD.test(word)) return isSecretWord(word, place);
  return place.sensitivity === 'password' || word.length >= 4;
};
