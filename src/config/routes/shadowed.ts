import { createModelMatcher } from '../../gateway/model-pattern.ts';
import type { RouteRule } from '../../gateway/routes.ts';

/** How many patterns are compared with later rules. */
const MAX_PATTERNS = 100;

/** Maps each rule that is never reached to the earlier pattern that matches all its models. */
export const shadowedRules = (rules: readonly RouteRule[]): ReadonlyMap<string, string> => {
  const patterns: { readonly match: string; readonly takes: (text: string) => boolean }[] = [];
  const shadowed = new Map<string, string>();
  for (const { match } of rules) {
    // Only a star matches a star, so a pattern that matches the text of a rule matches all its models.
    const before = patterns.find(({ takes }) => takes(match));
    if (before) shadowed.set(match, before.match);
    else if (match.includes('*') && patterns.length < MAX_PATTERNS)
      patterns.push({ match, takes: createModelMatcher(match) });
  }
  return shadowed;
};
