import { isHarmlessValue, isLexeme } from './harmless.ts';
import { PAIR_VALUE, type Sensitivity, type SensitivityOf } from './keys.ts';
import { remembering } from './remembering.ts';

/** What a value is judged by. */
export interface ValueRules {
  readonly sensitivityOf: SensitivityOf;
  readonly cleanText: (text: string) => string;
  /** Whether a secret of the configuration or of a request stands in a text: these change, so nothing about it is remembered. */
  readonly holdsKnown: (text: string) => boolean;
}

/** What names the value beside it, as OTLP, HAR, MCP and CloudFormation have pairs: `{name: 'authorization', value: …}`. */
const PAIR_NAMES = 'name key Name Key header field variable ParameterKey'.split(' ');

/** What the name of an entry says. */
export interface KeyFacts {
  readonly key: string;
  /** The key as it is shown: what is no secret by the one may be one by the other. */
  readonly name: string;
  readonly sensitivity: Sensitivity | undefined;
  readonly isPairValue: boolean;
}

export type FactsOf = (key: string) => KeyFacts;

/** Objects of one sort have the same keys, so what is found out about one is remembered. */
export const createFacts = ({ sensitivityOf, cleanText, holdsKnown }: ValueRules): FactsOf => {
  const judge = (key: string): KeyFacts => {
    const name = cleanText(key);
    const sensitivity = sensitivityOf(key) ?? sensitivityOf(name);
    return { key, name, sensitivity, isPairValue: PAIR_VALUE.test(key) };
  };
  const remembered = remembering(judge);
  return (key) => (holdsKnown(key) ? judge(key) : remembered(key));
};

/** Stands for what a getter threw at. */
export const UNREADABLE = '[unreadable]';

/** What stands under a key, whatever a getter does. */
export const read = (holder: object, key: string | number): unknown => {
  try {
    return (holder as Record<string | number, unknown>)[key];
  } catch {
    return UNREADABLE;
  }
};

/** Numbers of so many characters under `token` and its kind are counts. */
const MAX_COUNT = 3;

/** What hides nothing: that a password is empty or was not given helps whoever reads the trace. */
export const isNothing = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || typeof value === 'boolean';

/** Whether an entry of an object is secret by its name, or by the name that stands beside it. */
export const isSecretEntry = (
  facts: KeyFacts,
  value: unknown,
  holder: object,
  rules: ValueRules,
): boolean => {
  const { key, sensitivity, isPairValue } = facts;
  if (sensitivity === undefined && !isPairValue) return false;
  const sibling = (other: string): unknown =>
    Object.hasOwn(holder, other) ? read(holder, other) : undefined;
  const names = isPairValue ? PAIR_NAMES.map(sibling) : [];
  const isSensitive = (name: string): boolean =>
    rules.sensitivityOf(name) !== undefined || rules.sensitivityOf(rules.cleanText(name)) !== undefined;
  if (names.some((name) => typeof name === 'string' && isSensitive(name))) return !isNothing(value);
  if (sensitivity === undefined || isLexeme(key, value, sibling)) return false;
  if (typeof value === 'number') return sensitivity === 'password' || String(value).length > MAX_COUNT;
  return !(typeof value === 'string' && isHarmlessValue(key, value));
};
