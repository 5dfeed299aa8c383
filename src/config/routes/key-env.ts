import type { Env } from '../reader.ts';
import type { FilePart } from './check-part.ts';

/** The usual form of a variable's name. Any other text may be a key in the wrong place, and is not repeated. */
const USUAL_NAME = /^[A-Z][A-Z0-9_]*$/;
const OURS = /^PROXY_/;
const KEY = /^[\x21-\x7e]+$/;

/** Reads a key from an environment variable. Reports a problem if there is none, and then returns null. */
export const readKey = ({ document, path }: FilePart, name: string | undefined, env: Env): string | null => {
  if (name === undefined) return null;
  const at = [...path, 'key_env'];
  const fail = (problem: string): null => {
    document.failOutside(at, problem);
    return null;
  };
  const shown = USUAL_NAME.test(name) ? `the variable ${name}` : 'the variable that key_env names';
  if (OURS.test(name)) {
    document.fail(at, `${shown} is a setting of the gateway: name another one`);
    return null;
  }
  const key = env[name]?.trim();
  if (!key) return fail(`${shown} is not set`);
  return KEY.test(key) ? key : fail(`${shown} must hold letters, digits and signs, without blanks`);
};
