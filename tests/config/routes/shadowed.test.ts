import { shadowedRules } from '../../../src/config/routes/shadowed.ts';

const shadowed = (...matches: string[]): [string, string][] => [
  ...shadowedRules(matches.map((match) => ({ match, backends: [], model: null, fallback: [] }))),
];

test('a rule behind a pattern that takes all that it matches is never reached', () => {
  expect(shadowed('gpt-*', 'gpt-4', 'gpt-4*', '*-mini', 'o4')).toEqual([
    ['gpt-4', 'gpt-*'],
    ['gpt-4*', 'gpt-*'],
  ]);
  expect(shadowed('*', 'a*b')).toEqual([['a*b', '*']]);
});

test('a rule before the pattern, and a pattern that takes a part alone, are reached', () => {
  expect(shadowed('gpt-4', 'gpt-*', '*', 'x')).toEqual([['x', '*']]);
  expect(shadowed('a*b', 'a*')).toEqual([]);
});
