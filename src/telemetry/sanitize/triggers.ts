import { nameReader } from './assignment.ts';
import type { SensitivityOf } from './keys.ts';
import { LONGEST_ESCAPE, MAX_LOOK_BACK, type Rule, type RuleRow, startsWord, type Verdict } from './rule.ts';

/** A walk over a text, from trigger to trigger. Places are indexes in the text that it is asked about. */
export interface Walk {
  /** Where the newest word of a sensitive name begins; `NO_NAME` if there is none near. */
  nameAt: number;
  /** Whether the rules that need such a word are asked everywhere, because not all of the text before was walked over. */
  asksAll: boolean;
  /** The first place from `from` on, before `end`, at which a rule has to be asked, or -1. */
  next(text: string, from: number, end: number): number;
  /** What the first rule says that says something, of those to ask at a place that `next` has just given. */
  verdictAt(text: string, at: number, final: boolean): Verdict;
}

/** Far before any text. */
export const NO_NAME = -1e6;

/** No trigger, and no word of a name, is longer. */
export const LONGEST_TRIGGER = 16;

/** What stands at a place: a trigger of a rule, or a word of a sensitive name, which has no rule. */
interface Mark {
  readonly steps: readonly Step[];
  readonly rule?: Rule;
  readonly isBehindName?: boolean;
  readonly isWord?: boolean;
}

const ASCII = 128;
const MASK = 127;

/** The characters that may stand at a place: their codes, and 1 for each code. */
interface Step {
  readonly codes: readonly number[];
  readonly has: Uint8Array;
}

const ALL_CODES = Array.from({ length: ASCII }, (_, code) => code);
const ANY: Step = { codes: ALL_CODES, has: new Uint8Array(ASCII).fill(1) };

const createStep = (isMember: (character: string) => boolean): Step => {
  const codes = ALL_CODES.filter((code) => isMember(String.fromCharCode(code)));
  const has = new Uint8Array(ASCII);
  for (const code of codes) has[code] = 1;
  return { codes, has };
};

/** One step for each set of characters, as many triggers have the same ones. */
const createSteps = (): ((set: string | RegExp) => Step) => {
  const known = new Map<string, Step>();
  return (set) => {
    const key = String(set);
    const isMember = (character: string): boolean =>
      typeof set === 'string' ? set.includes(character) : set.test(character);
    const step = known.get(key) ?? createStep(isMember);
    known.set(key, step);
    return step;
  };
};

const marksOf = (rows: readonly RuleRow[], sensitivityOf: SensitivityOf): Mark[] => {
  const nameBefore = nameReader();
  const stepOf = createSteps();
  return rows.flatMap(({ at, rule, isBehindName = false, isWord = false }) =>
    at.map((trigger) => {
      const asked = { trigger: typeof trigger === 'string' ? trigger : '', sensitivityOf, nameBefore };
      return { steps: Array.from(trigger, stepOf), rule: rule(asked), isBehindName, isWord };
    }),
  );
};

/** In any case of their letters. */
const marksOfWords = (words: readonly string[]): Mark[] => {
  const stepOf = createSteps();
  return words.map((word) => ({
    steps: Array.from(word.slice(0, LONGEST_TRIGGER), (letter) =>
      stepOf(letter.toLowerCase() + letter.toUpperCase()),
    ),
  }));
};

/** Looks from the end on: the beginning is often there, as the digits of ids are. */
const isAt = ({ steps }: Mark, text: string, at: number): boolean => {
  if (at + steps.length > text.length) return false;
  for (let place = steps.length - 1; place >= 0; place--)
    if (steps[place]?.has[text.charCodeAt(at + place)] !== 1) return false;
  return true;
};

/** Whether a place is surely in the middle of a word: near the start of a text that may be a part of one, nothing is sure. */
const isInWord = (text: string, at: number): boolean => at >= LONGEST_ESCAPE && !startsWord(text, at);

/** The code of a character as the index below has it; 0 behind the end of the text. */
const codeAt = (text: string, at: number): number => (at < text.length ? text.charCodeAt(at) & MASK : 0);

/** The marks that can stand at a place, by the two characters there, and for those the characters that can come third and fourth. */
interface Index {
  /** For two characters the number of their bucket, 0 where no mark begins with them. */
  readonly pairs: Uint16Array;
  readonly thirds: Uint8Array;
  readonly fourths: Uint8Array;
  readonly buckets: readonly (readonly Mark[])[];
}

const createIndex = (marks: readonly Mark[]): Index => {
  const byPair = new Map<number, Mark[]>();
  for (const mark of marks) {
    const [first = ANY, second = ANY] = mark.steps;
    for (const one of first.codes)
      for (const two of second.codes) {
        const pair = one * ASCII + two;
        byPair.set(pair, [...(byPair.get(pair) ?? []), mark]);
      }
  }
  const number = new Map(marks.map((mark, place) => [mark, place]));
  const bucketOf = new Map<string, number>();
  const buckets: (readonly Mark[])[] = [[]];
  const pairs = new Uint16Array(ASCII * ASCII);
  for (const [pair, list] of byPair) {
    const key = list.map((mark) => number.get(mark)).join();
    const bucket = bucketOf.get(key) ?? buckets.push(list) - 1;
    bucketOf.set(key, bucket);
    pairs[pair] = bucket;
  }
  const next = (place: number): Uint8Array => {
    const table = new Uint8Array(buckets.length * ASCII);
    for (const [bucket, list] of buckets.entries())
      for (const { steps } of list)
        for (const code of (steps[place] ?? ANY).codes) table[bucket * ASCII + code] = 1;
    return table;
  };
  return { pairs, thirds: next(2), fourths: next(3), buckets };
};

/**
 * The first place at which something may stand. Most time goes into this loop, so nothing is called in it; a character that is not ASCII
 * is taken for one that is.
 */
const createLook =
  ({ pairs, thirds, fourths }: Index) =>
  (text: string, from: number, end: number): number => {
    const last = text.length - 1;
    const stop = end < last ? end : last;
    let first = text.charCodeAt(from) & MASK;
    for (let at = from + 1; at <= stop; at++) {
      const second = text.charCodeAt(at) & MASK;
      const bucket = pairs[first * ASCII + second] ?? 0;
      first = second;
      if (bucket === 0) continue;
      const third = at < last ? text.charCodeAt(at + 1) & MASK : 0;
      if (thirds[bucket * ASCII + third] === 0) continue;
      const fourth = at + 1 < last ? text.charCodeAt(at + 2) & MASK : 0;
      if (fourths[bucket * ASCII + fourth] !== 0) return at - 1;
    }
    return end > last && pairs[first * ASCII] !== 0 ? last : -1;
  };

/**
 * Prepares the search for all triggers of a table in one pass. Of almost all places the first two to four characters say that
 * nothing stands there.
 *
 * @param nameWords - every sensitive name has one of these; with an empty one, rules that need a name are asked everywhere
 */
export const createTriggers = (
  rows: readonly RuleRow[],
  sensitivityOf: SensitivityOf,
  nameWords: readonly string[],
): (() => Walk) => {
  // Words come first: one is seen although a rule is asked at the same place.
  const words = marksOfWords(nameWords.filter(Boolean));
  const index = createIndex([...words, ...marksOf(rows, sensitivityOf)]);
  const { pairs, buckets } = index;
  const look = createLook(index);
  const asksAlways = words.length < nameWords.length;
  const needsNear = buckets.map((marks) => marks.every(({ isBehindName }) => isBehindName));

  const isNear = ({ nameAt, asksAll }: Walk, at: number): boolean =>
    asksAll || asksAlways || at - nameAt <= MAX_LOOK_BACK;

  const bucketAt = (text: string, at: number): number =>
    pairs[codeAt(text, at) * ASCII + codeAt(text, at + 1)] ?? 0;

  /** Whether a rule is asked at a place. Notes the word of a name that stands there. */
  const isAsked = (walk: Walk, bucket: number, text: string, at: number): boolean => {
    const near = isNear(walk, at);
    if (!near && needsNear[bucket]) return false;
    const inWord = isInWord(text, at);
    for (const mark of buckets[bucket] ?? []) {
      if ((mark.isBehindName && !near) || (mark.isWord && inWord) || !isAt(mark, text, at)) continue;
      if (mark.rule) return true;
      walk.nameAt = at;
    }
    return false;
  };

  return () => ({
    nameAt: NO_NAME,
    asksAll: false,
    next(text, from, end) {
      for (let at = from; at < end; at++) {
        at = look(text, at, end);
        if (at < 0 || isAsked(this, bucketAt(text, at), text, at)) return at;
      }
      return -1;
    },
    verdictAt(text, at, final) {
      const near = isNear(this, at);
      for (const mark of buckets[bucketAt(text, at)] ?? []) {
        if (!mark.rule || (mark.isBehindName && !near) || !isAt(mark, text, at)) continue;
        const verdict = mark.rule(text, at, final);
        if (verdict !== 'none') return verdict;
      }
      return 'none';
    },
  });
};
