import { assignment, flag } from './assignment.ts';
import { basic, bearer, isUrl, pem, userInfo } from './credentials.ts';
import { characterSet, type Finding, MAX_LOOK_BACK, type Rule, runBack, type Skip } from './rule.ts';
import { TOKEN_RULES } from './tokens.ts';

const colon: Rule = (text, at, final) => {
  const url = isUrl(text, at, final);
  if (url === 'more') return 'more';
  return url ? userInfo(text, at, final) : assignment(text, at, final);
};

/** What may start a secret, and the rule that says whether it does. */
const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  [':', colon],
  ['=', assignment],
  ['-----BEGIN', pem],
  ['bearer', bearer],
  ['Bearer', bearer],
  ['BEARER', bearer],
  ['basic', basic],
  ['Basic', basic],
  ['BASIC', basic],
  ...TOKEN_RULES,
]);

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const TRIGGER = new RegExp([...[...RULES.keys()].map(escaped), '--[A-Za-z]'].join('|'), 'g');
/** No trigger is longer. */
const LONGEST_TRIGGER = 16;

interface Hit {
  readonly at: number;
  readonly finding: Finding | undefined;
}

/** The next secret before `end`, or the place from which on more text is needed to say, or undefined. */
const nextHit = (text: string, from: number, end: number, final: boolean): Hit | undefined => {
  TRIGGER.lastIndex = from;
  for (let hit = TRIGGER.exec(text); hit && hit.index < end; hit = TRIGGER.exec(text)) {
    const at = hit.index;
    const verdict = (RULES.get(hit[0]) ?? flag)(text, at, final);
    if (verdict === 'more') return { at, finding: undefined };
    if (verdict !== 'none') return { at: verdict.from, finding: verdict };
    TRIGGER.lastIndex = at + 1;
  }
  return undefined;
};

const TRIGGER_CHARACTER = characterSet(/[\w.-]/);

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

/** Judges text as it comes; `final` says that this was the last of it. */
const createScanner = (): ((delta: string, final: boolean) => string) => {
  // Text from `at` on is still to be judged; the text before it is context for rules that look back.
  let text = '';
  let at = 0;
  let skip: Skip | undefined;

  const skipSecret = (final: boolean): boolean => {
    if (!skip) return true;
    const result = skip(text, at, final);
    at = result.at;
    if (result.ended) skip = undefined;
    return result.ended;
  };

  return (delta, final) => {
    text = text.slice(Math.max(0, at - MAX_LOOK_BACK)) + delta;
    at = Math.min(at, MAX_LOOK_BACK);
    let out = '';
    while (skipSecret(final)) {
      const end = final ? text.length : unfinished(text, at);
      const hit = nextHit(text, at, end, final);
      const safe = hit?.at ?? end;
      out += text.slice(at, safe) + (hit?.finding?.label ?? '');
      at = safe;
      skip = hit?.finding?.skip;
      if (!skip) break;
    }
    return out;
  };
};

/**
 * Sanitizes one text that arrives in pieces. All that it gives, put together, is `sanitizeText` of the whole text.
 * It holds back an unfinished word, and at most some 4 KiB where a secret may have begun.
 */
export const createTextSanitizer = (): TextSanitizer => {
  let scan = createScanner();
  return {
    push: (delta) => scan(delta, false),
    flush() {
      const rest = scan('', true);
      scan = createScanner();
      return rest;
    },
  };
};

/** Replaces every secret in a text by `[REDACTED]` (in URLs by `REDACTED`). Linear in its length. */
export const sanitizeText = (text: string): string => {
  TRIGGER.lastIndex = 0;
  return TRIGGER.test(text) ? createScanner()(text, true) : text;
};
