import { createModelMatcher } from '../../gateway/model-pattern.ts';
import type { RouteRule, WeightedBackend } from '../../gateway/routes.ts';

/** No rule matches a longer name. */
const MAX_MODEL_CHARS = 512;

/** The rules, in the order of the file. */
export interface RuleSet {
  /** The first rule that matches the model; null if none does. */
  find(model: string): RouteRule | null;
}

/** Names without `*` are looked up in a map; patterns are tried in order. No pattern becomes a regular expression. */
export const createRuleSet = (rules: readonly RouteRule[]): RuleSet => {
  const names = new Map<string, number>();
  const patterns: { readonly index: number; readonly matches: (text: string) => boolean }[] = [];
  for (const [index, { match }] of rules.entries()) {
    if (match.includes('*')) patterns.push({ index, matches: createModelMatcher(match) });
    else if (!names.has(match)) names.set(match, index);
  }
  return {
    find(model) {
      if (model.length > MAX_MODEL_CHARS) return null;
      const named = names.get(model) ?? Number.POSITIVE_INFINITY;
      const found = patterns.find(({ index, matches }) => index > named || matches(model));
      const index = Math.min(named, found?.index ?? Number.POSITIVE_INFINITY);
      return rules[index] ?? null;
    },
  };
};

/**
 * Chooses one of the backends of a rule, by weight.
 *
 * @param random - from 0 up to, but not including, 1
 */
export const chooseBackend = (backends: readonly WeightedBackend[], random: number): string => {
  let rest = random * backends.reduce((sum, { weight }) => sum + weight, 0);
  for (const { backend, weight } of backends) {
    rest -= weight;
    if (rest < 0) return backend;
  }
  return backends.at(-1)?.backend ?? '';
};
