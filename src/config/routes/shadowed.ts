import { createModelMatcher } from '../../gateway/model-pattern.ts';
import type { RouteRule } from '../../gateway/routes.ts';

/** Patterns that are compared with the rules behind them; a file has seldom more. */
const MAX_PATTERNS = 100;

/** For each rule that is never reached, the pattern before it that takes all that it would match. */
export const shadowedRules = (rules: readonly RouteRule[]): ReadonlyMap<string, string> => {
  const patterns: { readonly match: string; readonly takes: (text: string) => boolean }[] = [];
  const shadowed = new Map<string, string>();
  for (const { match } of rules) {
    // A star in it is matched by a star alone, so what takes its text takes all that it stands for.
    const before = patterns.find(({ takes }) => takes(match));
    if (before) shadowed.set(match, before.match);
    else if (match.includes('*') && patterns.length < MAX_PATTERNS)
      patterns.push({ match, takes: createModelMatcher(match) });
  }
  return shadowed;
};
