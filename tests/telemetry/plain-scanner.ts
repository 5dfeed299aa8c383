import { nameReader } from '../../src/telemetry/sanitize/assignment.ts';
import type { SensitivityOf } from '../../src/telemetry/sanitize/keys.ts';
import {
  type Finding,
  MAX_LOOK_BACK,
  type Rule,
  type RuleRow,
  type Skip,
  type Trigger,
} from '../../src/telemetry/sanitize/rule.ts';

/** Says where a secret is, or from where on more text is needed. */
interface Hit {
  readonly at: number;
  readonly trigger: number;
  readonly finding?: Finding;
}

const sourceOf = (trigger: Trigger): string =>
  typeof trigger === 'string'
    ? trigger.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
    : trigger.map(({ source }) => source).join('');

const LONGEST_TRIGGER = 16;
const UNFINISHED = new RegExp(`(?:[\\uD800-\\uDBFF]|[\\w.:/-]{0,${LONGEST_TRIGGER}})$`);

/**
 * The rules of a table without anything that makes them fast: each rule is asked at each of its triggers, behind each of the two contexts. What
 * the sanitizer's own scanner gives for each piece of a text must be the same.
 */
export const createPlainStream = (rows: readonly RuleRow[], sensitivityOf: SensitivityOf) => {
  const nameBefore = nameReader();
  const marks = rows.flatMap(({ at, rule }) =>
    at.map((trigger) => ({
      pattern: new RegExp(sourceOf(trigger), 'y'),
      rule: rule({ trigger: typeof trigger === 'string' ? trigger : '', sensitivityOf, nameBefore }),
    })),
  );
  const any = new RegExp(marks.map(({ pattern }) => pattern.source).join('|'), 'g');

  const rulesAt = (text: string, at: number): Rule[] =>
    marks.flatMap(({ pattern, rule }) => {
      pattern.lastIndex = at;
      return pattern.test(text) ? rule : [];
    });

  const nextHit = (text: string, from: number, end: number, final: boolean): Hit | undefined => {
    let found: Hit | undefined;
    any.lastIndex = from;
    for (let hit = any.exec(text); hit && hit.index < (found?.at ?? end); hit = any.exec(text)) {
      const at = hit.index;
      any.lastIndex = at + 1;
      const verdict = rulesAt(text, at)
        .map((rule) => rule(text, at, final))
        .find((said) => said !== 'none');
      if (verdict === 'more') return { at: found?.trigger ?? at, trigger: at };
      if (verdict && verdict.from < (found?.at ?? Number.POSITIVE_INFINITY))
        found = { at: verdict.from, trigger: at, finding: verdict };
    }
    return found;
  };

  const hitBehind = (context: string, text: string, end: number, final: boolean): Hit | undefined => {
    const start = context.length;
    const hit = nextHit(context + text, start, start + end, final);
    return hit && { ...hit, at: hit.at - start, trigger: hit.trigger - start };
  };

  const earlier = (one: Hit | undefined, other: Hit | undefined): Hit | undefined => {
    if (!one || !other) return one ?? other;
    const first = other.at < one.at || (other.at === one.at && other.trigger < one.trigger) ? other : one;
    return first.finding ? first : { ...first, at: Math.min(first.at, one.trigger, other.trigger) };
  };

  let given = '';
  let came = '';
  let rest = '';
  let skip: Skip | undefined;
  let isNew = false;
  const pass = (length: number, out: string): void => {
    came = (came + rest.slice(0, length)).slice(-MAX_LOOK_BACK);
    given = (given + out).slice(-MAX_LOOK_BACK);
    rest = rest.slice(length);
  };
  const skipSecret = (final: boolean): boolean => {
    if (!skip) return true;
    const { at, ended } = skip(rest, 0, final);
    pass(isNew && ended ? Math.max(at, 1) : at, '');
    isNew = false;
    if (ended) skip = undefined;
    return ended;
  };

  return (delta: string, final: boolean): string => {
    rest += delta;
    let all = '';
    while (skipSecret(final)) {
      const end = final ? rest.length : (UNFINISHED.exec(rest)?.index ?? rest.length);
      const behindCame = hitBehind(came, rest, Math.min(end, MAX_LOOK_BACK), final);
      const hit = earlier(hitBehind(given, rest, end, final), behindCame);
      const safe = hit?.at ?? end;
      const out = rest.slice(0, safe) + (hit?.finding?.label ?? '');
      all += out;
      pass(safe, out);
      skip = hit?.finding?.skip;
      isNew = true;
      if (!skip) break;
    }
    return all;
  };
};
