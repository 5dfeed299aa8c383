import { createBackOff } from '../src/back-off.ts';

const pauses = (backOff: ReturnType<typeof createBackOff>, count: number): number[] =>
  Array.from({ length: count }, () => backOff.next());

test('each pause is twice as long as the last, up to the bound, and a short one again after a success', () => {
  const backOff = createBackOff({ firstMs: 100, maxMs: 500 });
  expect(pauses(backOff, 5)).toEqual([100, 200, 400, 500, 500]);
  backOff.reset();
  expect(pauses(backOff, 2)).toEqual([100, 200]);
});

test('chance takes up to half of a pause away', () => {
  const chances = [0, 0.5, 0.98];
  const backOff = createBackOff({ firstMs: 100, maxMs: 1000, random: () => chances.shift() ?? 0 });
  expect(pauses(backOff, 3)).toEqual([100, 150, 204]);
});
