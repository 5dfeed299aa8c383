import { chooseBackend, createRuleSet } from '../../../src/backend/routes/rules.ts';
import type { RouteRule } from '../../../src/gateway/routes.ts';

const rule = (match: string): RouteRule => ({
  match,
  backends: [{ backend: 'a', weight: 1 }],
  model: null,
  fallback: [],
});

const found = (matches: readonly string[], model: string): string | null =>
  createRuleSet(matches.map(rule)).find(model)?.match ?? null;

test.each([
  ['gpt-*', 'gpt-4o', true],
  ['gpt-*', 'gpt-', true],
  ['gpt-*', 'gpt', false],
  ['gpt-*', 'my-gpt-4', false],
  ['*', '', true],
  ['*', 'anything at all', true],
  ['*-mini', 'gpt-4o-mini', true],
  ['*-mini', 'gpt-4o-mini-2024', false],
  ['gpt-*-mini', 'gpt-4o-mini', true],
  ['gpt-*-mini', 'gpt-mini', false],
  ['a*a', 'a', false],
  ['a*a', 'aa', true],
  ['a*b*c', 'a-b-c', true],
  ['a*b*c', 'a-c-b', false],
  ['a*bc*c', 'abc', false],
  ['a**b', 'ab', true],
  ['*x*x*', 'x', false],
  ['*x*x*', 'axbxc', true],
  ['gpt.4', 'gptx4', false],
  ['(a+)+', 'aaaa', false],
  ['Fast', 'fast', false],
])('%s takes %j: %s', (match, model, takes) => {
  expect(found([match], model)).toBe(takes ? match : null);
});

test('the first rule that matches counts, with a star or without', () => {
  expect(found(['gpt-4', 'gpt-*'], 'gpt-4')).toBe('gpt-4');
  expect(found(['gpt-*', 'gpt-4'], 'gpt-4')).toBe('gpt-*');
  expect(found(['x-*', 'gpt-4', '*'], 'gpt-4')).toBe('gpt-4');
  expect(found(['x', '*'], 'y')).toBe('*');
});

test('a name that is too long for a model is matched by nothing', () => {
  expect(found(['*'], 'a'.repeat(512))).toBe('*');
  expect(found(['*'], 'a'.repeat(513))).toBeNull();
});

test('a pattern that makes regular expressions slow is none, and costs little with the longest name', () => {
  const pattern = `${'*a'.repeat(100)}*b`;
  expect(
    found(
      Array.from({ length: 1000 }, (_, at) => `${pattern}${at}`),
      'a'.repeat(512),
    ),
  ).toBeNull();
});

test.each([
  [0, 'a'],
  [0.899, 'a'],
  [0.9, 'b'],
  [0.999, 'b'],
])('with the weights 9 and 1, %d means %s', (random, backend) => {
  const backends = [
    { backend: 'a', weight: 9 },
    { backend: 'b', weight: 1 },
  ];
  expect(chooseBackend(backends, random)).toBe(backend);
});
