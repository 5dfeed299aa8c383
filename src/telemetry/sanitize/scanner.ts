import type { SensitivityOf } from './keys.ts';
import { remembering } from './remembering.ts';
import { characterSet, type Finding, MAX_LOOK_BACK, type RuleRow, runBack, type Skip } from './rule.ts';
import { createTriggers, LONGEST_TRIGGER, NO_NAME, type Walk } from './triggers.ts';

interface Hit {
  readonly at: number;
  /** Where the rule was asked that has found it. */
  readonly trigger: number;
  readonly finding: Finding | undefined;
}

/** The next secret before `end`, or the place from which on more text is needed to say, or undefined. */
const nextHit = (walk: Walk, text: string, from: number, end: number, final: boolean): Hit | undefined => {
  let found: Hit | undefined;
  // A rule may look over other triggers to its secret: of all findings the first one counts.
  const until = (): number => found?.at ?? end;
  for (let at = walk.next(text, from, end); at >= 0; at = walk.next(text, at + 1, until())) {
    const verdict = walk.verdictAt(text, at, final);
    if (verdict === 'more') return { at: found?.trigger ?? at, trigger: at, finding: undefined };
    if (verdict !== 'none' && verdict.from < (found?.at ?? Number.POSITIVE_INFINITY))
      found = { at: verdict.from, trigger: at, finding: verdict };
  }
  return found;
};

const TRIGGER_CHARACTER = characterSet(/[\w.:/-]/);

/** Where the unfinished last word starts, in which a trigger may be hidden; half a surrogate pair waits too. */
const unfinished = (text: string): number => {
  const last = text.charCodeAt(text.length - 1);
  if (last >= 0xd800 && last <= 0xdbff) return text.length - 1;
  return runBack(text, text.length, TRIGGER_CHARACTER, LONGEST_TRIGGER);
};

/** Text that arrives in pieces: a secret can be split over them, so what may be the start of one is held back. */
export interface TextSanitizer {
  /** The part of the text that is safe to show by now. */
  push(delta: string): string;
  /** What was still held back. After it the sanitizer is as new. */
  flush(): string;
}

/** Of two hits the first one, by its secret and then by its trigger, as in one search. To wait is to keep the triggers of both. */
const earlier = (one: Hit | undefined, other: Hit | undefined): Hit | undefined => {
  if (!one || !other) return one ?? other;
  const isOther = other.at < one.at || (other.at === one.at && other.trigger < one.trigger);
  const first = isOther ? other : one;
  return first.finding ? first : { ...first, at: Math.min(first.at, one.trigger, other.trigger) };
};

/** What was passed over, as far as a rule may look back. */
interface Past {
  /** What was given out of the text. A second pass sees it, and finds nothing more in it. */
  given: string;
  /**
   * What came in of it, where that is something else near the end: it still has a name that was taken for the end of a secret, and names
   * what comes next.
   */
  came: string | undefined;
}

/** What was given is kept in one text until it has so many characters: at most of it nobody looks again. */
const MAX_KEPT = 2048;

const lastOf = (text: string): string => text.slice(-MAX_LOOK_BACK);

const addTo = (past: Past, came: string, given: string): void => {
  if (past.came === undefined && came === given) {
    past.given = past.given.length > MAX_KEPT ? lastOf(past.given) + given : past.given + given;
    return;
  }
  const newest = lastOf((past.came ?? past.given) + came);
  past.given = lastOf(past.given + given);
  past.came = newest === past.given ? undefined : newest;
};

/** Judges text as it comes; `final` says that this was the last of it. */
const createScanner = (walk: Walk): ((delta: string, final: boolean) => string) => {
  const past: Past = { given: '', came: undefined };
  let rest = '';
  // Relative to what is left.
  let nameAt = NO_NAME;
  let skip: Skip | undefined;
  let isNew = false;

  /** Passes over the beginning of what is left, for which `out` is given. */
  const pass = (length: number, out: string): void => {
    addTo(past, rest.slice(0, length), out);
    rest = rest.slice(length);
    nameAt = Math.max(NO_NAME, nameAt - length);
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

  /** Whether no rule has to be asked about what is left, before `end`: of most pieces one look says so. */
  const isQuiet = (end: number): boolean => {
    if (past.came !== undefined) return false;
    walk.asksAll = false;
    walk.nameAt = nameAt;
    if (walk.next(rest, 0, end) >= 0) return false;
    nameAt = walk.nameAt;
    return true;
  };

  /** Looks for a secret in what is left behind a context, and gives places in what is left. */
  const hitBehind = (context: string, end: number, final: boolean): Hit | undefined => {
    const start = context.length;
    walk.asksAll = past.came !== undefined;
    walk.nameAt = nameAt + start;
    const hit = nextHit(walk, context + rest, start, start + end, final);
    // The search behind the other context ends earlier than this one did.
    nameAt = Math.max(nameAt, walk.nameAt - start);
    return hit && { ...hit, at: hit.at - start, trigger: hit.trigger - start };
  };

  const findNext = (end: number, final: boolean): Hit | undefined => {
    const hit = hitBehind(lastOf(past.given), end, final);
    if (past.came === undefined) return hit;
    return earlier(hit, hitBehind(past.came, Math.min(end, MAX_LOOK_BACK), final));
  };

  return (delta, final) => {
    rest = rest === '' ? delta : rest + delta;
    let all = '';
    while (skipSecret(final)) {
      const end = final ? rest.length : unfinished(rest);
      const hit = isQuiet(end) ? undefined : findNext(end, final);
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

/**
 * Makes the rules of a table ready for use.
 *
 * @param words - every name that is sensitive to `sensitivityOf` has one of these; an empty one says that nothing is known of them
 */
export const createTextRules = (
  rows: readonly RuleRow[],
  sensitivityOf: SensitivityOf,
  words: readonly string[],
): TextRules => {
  const createWalk = createTriggers(rows, sensitivityOf, words);
  const walk = createWalk();
  const isQuiet = (text: string): boolean => {
    walk.nameAt = NO_NAME;
    return walk.next(text, 0, text.length) < 0;
  };
  // Of ids, whose digits may be those of a card, rules are asked; and the same ones come again.
  const isClean = remembering((text) => {
    walk.nameAt = NO_NAME;
    return nextHit(walk, text, 0, text.length, true) === undefined;
  });
  return {
    clean(text) {
      if (isQuiet(text) || isClean(text)) return text;
      const scan = createScanner(createWalk());
      let out = '';
      for (let at = 0; at < text.length; at += PIECE)
        out += scan(text.slice(at, at + PIECE), at + PIECE >= text.length);
      return out;
    },
    stream() {
      let scan = createScanner(createWalk());
      return {
        push: (delta) => scan(delta, false),
        flush() {
          const rest = scan('', true);
          scan = createScanner(createWalk());
          return rest;
        },
      };
    },
  };
};
