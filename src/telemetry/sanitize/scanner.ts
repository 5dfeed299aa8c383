import type { SensitivityOf } from './keys.ts';
import {
  characterSet,
  type Finding,
  MAX_LOOK_BACK,
  type Rule,
  type RuleRow,
  runBack,
  type Skip,
} from './rule.ts';

/** No trigger is longer. */
const LONGEST_TRIGGER = 16;

/** Where rules are asked, and which ones. */
interface Triggers {
  readonly pattern: RegExp;
  readonly rulesFor: (hit: RegExpExecArray) => readonly Rule[];
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** One pattern for all triggers, so that a text is searched once. */
const createTriggers = (rows: readonly RuleRow[], sensitivityOf: SensitivityOf): Triggers => {
  const byText = new Map<string, Rule[]>();
  for (const { at = [], rule } of rows)
    for (const text of at)
      byText.set(text, [...(byText.get(text) ?? []), rule({ trigger: text, sensitivityOf })]);
  const shapes = rows.flatMap(({ pattern, rule }) =>
    pattern === undefined ? [] : { pattern, rules: [rule({ trigger: pattern, sensitivityOf })] },
  );
  const texts = [...byText.keys()].sort((one, other) => other.length - one.length).map(escaped);
  const source = [...shapes.map(({ pattern }) => `(${pattern})`), ...texts].join('|');
  return {
    pattern: new RegExp(source || '(?!)', 'g'),
    rulesFor: (hit) =>
      byText.get(hit[0]) ?? shapes[hit.findIndex((group, index) => index > 0 && group) - 1]?.rules ?? [],
  };
};

interface Hit {
  readonly at: number;
  /** Where the rule was asked that has found it. */
  readonly trigger: number;
  readonly finding: Finding | undefined;
}

/** Asks the rules for one place, in their order, until one has found something or must wait. */
const judge = (rules: readonly Rule[], text: string, at: number, final: boolean): ReturnType<Rule> => {
  for (const rule of rules) {
    const verdict = rule(text, at, final);
    if (verdict !== 'none') return verdict;
  }
  return 'none';
};

/** The next secret before `end`, or the place from which on more text is needed to say, or undefined. */
const nextHit = (
  { pattern, rulesFor }: Triggers,
  text: string,
  from: number,
  end: number,
  final: boolean,
): Hit | undefined => {
  let found: Hit | undefined;
  pattern.lastIndex = from;
  // A rule may look over other triggers to its secret: of all findings the first one counts.
  for (let hit = pattern.exec(text); hit && hit.index < (found?.at ?? end); hit = pattern.exec(text)) {
    const at = hit.index;
    const verdict = judge(rulesFor(hit), text, at, final);
    if (verdict === 'more') return { at: found?.trigger ?? at, trigger: at, finding: undefined };
    if (verdict !== 'none' && verdict.from < (found?.at ?? Number.POSITIVE_INFINITY))
      found = { at: verdict.from, trigger: at, finding: verdict };
    pattern.lastIndex = at + 1;
  }
  return found;
};

const TRIGGER_CHARACTER = characterSet(/[\w.:/-]/);

/** Where the unfinished last word starts, in which a trigger may be hidden; half a surrogate pair waits too. */
const unfinished = (text: string, from: number): number => {
  const last = text.charCodeAt(text.length - 1);
  if (last >= 0xd800 && last <= 0xdbff) return Math.max(from, text.length - 1);
  return runBack(text, text.length, TRIGGER_CHARACTER, Math.min(LONGEST_TRIGGER, text.length - from));
};

/** Text that arrives in pieces: a secret can be split over them, so what may be the start of one is held back. */
export interface TextSanitizer {
  /** The part of the text that is safe to show by now. */
  push(delta: string): string;
  /** What was still held back. After it the sanitizer is as new. */
  flush(): string;
}

/** Looks for a secret in the text behind a context, and gives places in that text. */
const hitBehind = (
  triggers: Triggers,
  context: string,
  rest: string,
  end: number,
  final: boolean,
): Hit | undefined => {
  const start = context.length;
  const hit = nextHit(triggers, context + rest, start, start + end, final);
  return hit && { ...hit, at: hit.at - start, trigger: hit.trigger - start };
};

/** Of two hits the first one, by its secret and then by its trigger, as in one search. To wait is to keep the triggers of both. */
const earlier = (one: Hit | undefined, other: Hit | undefined): Hit | undefined => {
  if (!one || !other) return one ?? other;
  const isOther = other.at < one.at || (other.at === one.at && other.trigger < one.trigger);
  const first = isOther ? other : one;
  return first.finding ? first : { ...first, at: Math.min(first.at, one.trigger, other.trigger) };
};

/** Judges text as it comes; `final` says that this was the last of it. */
const createScanner = (triggers: Triggers): ((delta: string, final: boolean) => string) => {
  // What was given out of the text before, and what came in of it. A second pass sees the former and finds nothing more in it; the latter
  // still has a name that was taken for the end of a secret, and names what comes next.
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

  /** Whether the secret that was found last has ended. */
  const skipSecret = (final: boolean): boolean => {
    if (!skip) return true;
    const { at, ended } = skip(rest, 0, final);
    // A secret has a character at least: a rule that skips nothing would be asked for ever.
    pass(isNew && ended ? Math.max(at, 1) : at, '');
    isNew = false;
    if (ended) skip = undefined;
    return ended;
  };

  const findNext = (end: number, final: boolean): Hit | undefined => {
    const hit = hitBehind(triggers, given, rest, end, final);
    if (given === came) return hit;
    const near = Math.min(end, MAX_LOOK_BACK);
    return earlier(hit, hitBehind(triggers, came, rest, near, final));
  };

  return (delta, final) => {
    rest += delta;
    let all = '';
    while (skipSecret(final)) {
      const end = final ? rest.length : unfinished(rest, 0);
      const hit = findNext(end, final);
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

/** A long text is judged in pieces like a stream: after each secret what is left of a piece is copied. */
const PIECE = 4096;

/** Cleans texts by the rules of a table. */
export interface TextRules {
  /** Replaces every secret in a text by `[REDACTED]` (in URLs by `REDACTED`). Linear in its length. */
  readonly clean: (text: string) => string;
  /**
   * Cleans one text that arrives in pieces. All that it gives, put together, is `clean` of the whole text. It holds back an unfinished
   * word, and at most some 4 KiB where a secret may have begun.
   */
  readonly stream: () => TextSanitizer;
}

export const createTextRules = (rows: readonly RuleRow[], sensitivityOf: SensitivityOf): TextRules => {
  const triggers = createTriggers(rows, sensitivityOf);
  return {
    clean(text) {
      triggers.pattern.lastIndex = 0;
      if (!triggers.pattern.test(text)) return text;
      const scan = createScanner(triggers);
      let out = '';
      for (let at = 0; at < text.length; at += PIECE)
        out += scan(text.slice(at, at + PIECE), at + PIECE >= text.length);
      return out;
    },
    stream() {
      let scan = createScanner(triggers);
      return {
        push: (delta) => scan(delta, false),
        flush() {
          const rest = scan('', true);
          scan = createScanner(triggers);
          return rest;
        },
      };
    },
  };
};
