import { nearest } from '../nearest.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/** A variable that is wrong: the message names it, its value and what is allowed. */
export class ConfigError extends Error {
  constructor(name: string, value: string, allowed: string) {
    super(`${name}=${value} is not valid: ${allowed}`);
    this.name = 'ConfigError';
  }
}

/** A variable that is no setting, and the setting that may be meant. */
export interface UnknownVariable {
  readonly name: string;
  readonly meant: string | null;
}

/** Reads single variables; each way to read one says what it allows. Blank counts as unset. */
export const reader = (env: Env) => {
  const asked = new Set<string>();
  const given = (name: string): string | undefined => {
    asked.add(name);
    return env[name]?.trim() || undefined;
  };
  const text = (name: string, fallback: string): string => given(name) ?? fallback;
  const whole = (name: string, fallback: number, min: number, max: number): number => {
    const value = given(name);
    if (value === undefined) return fallback;
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < min || number > max) {
      throw new ConfigError(name, value, `a whole number from ${min} to ${max}`);
    }
    return number;
  };
  const oneOf = <Word extends string>(name: string, words: readonly Word[], fallback: Word): Word => {
    const value = given(name);
    if (value === undefined) return fallback;
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) throw new ConfigError(name, value, `one of ${words.join(', ')}`);
    return word;
  };
  const flag = (name: string, fallback: boolean): boolean => {
    const value = given(name)?.toLowerCase();
    if (value === undefined) return fallback;
    if (['true', '1', 'yes', 'on'].includes(value)) return true;
    if (['false', '0', 'no', 'off'].includes(value)) return false;
    throw new ConfigError(name, value, 'true or false');
  };
  /** Variables with this prefix that nobody has asked for, each with the one that may be meant. */
  const unknown = (prefix: string): UnknownVariable[] =>
    Object.keys(env)
      .filter((name) => name.startsWith(prefix) && !asked.has(name))
      .map((name) => ({ name, meant: nearest(name, [...asked]) }));
  return { given, text, whole, oneOf, flag, unknown };
};
export type Reader = ReturnType<typeof reader>;

/** Reads a URL of one of these protocols (`http:`); credentials in it would stand in logs, so they are refused. */
export const readUrl = ({ given }: Reader, name: string, protocols: readonly string[]): string | null => {
  const value = given(name);
  if (value === undefined) return null;
  const allowed = `a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`;
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url?.username || url?.password)
    throw new ConfigError(name, '(not shown)', `${allowed}, without credentials`);
  if (!url || !protocols.includes(url.protocol)) throw new ConfigError(name, value, allowed);
  return value;
};
