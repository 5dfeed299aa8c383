import type { RE2JS } from 're2js';
import { lengthOf, PatternProblem } from './pattern-length.ts';
import { REDACTED } from './rule.ts';
import type { TextRules, TextSanitizer } from './scanner.ts';

/** What an operator adds to the rules, ready for use. */
export interface UserRules {
  /** Names under which everything is redacted. */
  readonly keys: readonly string[];
  readonly patterns: UserPatterns | null;
}

/** All patterns in one, and the longest text that one of them matches, in UTF-16 units. */
export interface UserPatterns {
  readonly compiled: RE2JS;
  readonly longest: number;
}

export const NO_USER_RULES: UserRules = { keys: [], patterns: null };

/** Long enough for tokens, and short enough that a stream waits for a line or two. */
const MAX_MATCH = 256;
/** What matches two characters would hide half of all texts. */
const MIN_MATCH = 3;
export const MAX_PATTERNS = 100;

const boundsOf = (source: string): number => {
  const { min, max } = lengthOf(source);
  if (max > MAX_MATCH)
    throw new PatternProblem(`it matches up to ${max} characters: at most ${MAX_MATCH} are allowed`, 0);
  if (min < MIN_MATCH)
    throw new PatternProblem(`it can match ${min} characters: at least ${MIN_MATCH} are needed`, 0);
  return max;
};

/**
 * Makes patterns usable. They are matched by RE2, in a time that is linear in the text whatever the pattern, and their matches have an
 * upper bound, so that a text in pieces is judged as the whole text is.
 *
 * @param onProblem - is told of the first pattern that cannot be used, and throws
 */
export const compilePatterns = async (
  sources: readonly string[],
  onProblem: (problem: PatternProblem, index: number) => never,
): Promise<UserPatterns | null> => {
  if (sources.length === 0) return null;
  // Loaded for those who have patterns: the others start without it.
  const { RE2JS } = await import('re2js');
  const lengths = sources.map((source, index) => {
    try {
      const max = boundsOf(source);
      RE2JS.compile(source);
      return max;
    } catch (thrown) {
      const problem = thrown instanceof PatternProblem ? thrown : new PatternProblem(String(thrown), 0);
      return onProblem(problem, index);
    }
  });
  return {
    compiled: RE2JS.compile(sources.map((source) => `(?:${source})`).join('|')),
    longest: Math.max(...lengths) * 2,
  };
};

/** What stands for a secret already ends a match, so that a second pass changes nothing. */
const LABEL = 'REDACTED';

/** A stream is searched again after so many more characters, so that small pieces do not cost a search each. */
const MIN_NEW = 256;

/** The clean start of a part, up to the limit or the end of the match that crosses it, and how much of the part that was. */
const cleanPart = (compiled: RE2JS, part: string, limit: number): { out: string; used: number } => {
  const matcher = compiled.matcher(part);
  let out = '';
  let used = 0;
  while (used < limit && matcher.find() && matcher.start() < limit) {
    out += part.slice(used, matcher.start()) + REDACTED;
    used = matcher.end();
  }
  return used < limit ? { out: out + part.slice(used, limit), used: limit } : { out, used };
};

/** Replaces matches in a text that arrives in pieces; `final` says that this was the last of it. */
const createMatcher = ({ compiled, longest }: UserPatterns): ((delta: string, final: boolean) => string) => {
  const held = longest + LABEL.length;
  let text = '';
  return (delta, final) => {
    text += delta;
    if (!final && text.length < held + MIN_NEW) return '';
    let out = '';
    let at = 0;
    for (;;) {
      const label = text.indexOf(LABEL, at);
      const part = text.slice(at, label < 0 ? text.length : label);
      const limit = label < 0 && !final ? Math.max(0, part.length - held) : part.length;
      const clean = cleanPart(compiled, part, limit);
      out += clean.out;
      if (label < 0) {
        text = text.slice(at + clean.used);
        return out;
      }
      out += LABEL;
      at = label + LABEL.length;
    }
  };
};

const createPatternStream = (patterns: UserPatterns): TextSanitizer => {
  let match = createMatcher(patterns);
  return {
    push: (delta) => match(delta, false),
    flush() {
      const rest = match('', true);
      match = createMatcher(patterns);
      return rest;
    },
  };
};

/** Hands what one stage gives to the next one. */
const inSeries = (stages: readonly TextSanitizer[]): TextSanitizer => ({
  push: (delta) => stages.reduce((text, stage) => stage.push(text), delta),
  flush: () => stages.reduce((text, stage) => (text === '' ? '' : stage.push(text)) + stage.flush(), ''),
});

/**
 * The built-in rules, then the patterns, then the built-in rules again: a pattern can hide what they would have found by, and
 * never what they find. Three stages of which each leaves its own output alone leave that of all three alone, too.
 */
export const withUserPatterns = (builtIn: TextRules, { patterns }: UserRules): TextRules => {
  if (!patterns) return builtIn;
  return {
    clean(text) {
      const once = builtIn.clean(text);
      const matched = createMatcher(patterns)(once, true);
      return matched === once ? once : builtIn.clean(matched);
    },
    stream: () => inSeries([builtIn.stream(), createPatternStream(patterns), builtIn.stream()]),
  };
};
