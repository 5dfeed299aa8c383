import { lineThrough, median, medianRatio, percentile } from '../../bench/statistics.ts';

test('a percentile is a value that there was, by the nearest rank', () => {
  const values = [30, 10, 20, 40];
  expect([1, 50, 51, 99, 100].map((percent) => percentile(values, percent))).toEqual([10, 20, 30, 40, 40]);
  expect(percentile([7], 50)).toBe(7);
  expect(percentile([], 50)).toBe(0);
});

test('a median is the middle, or the mean of the two that are there', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBe(0);
});

test('a ratio is taken round by round, so that a slow round of both changes nothing', () => {
  expect(medianRatio([50, 5, 50], [100, 10, 100])).toBe(0.5);
});

test('a round in which the other did nothing is no ratio', () => {
  expect(medianRatio([50, 60], [0, 120])).toBe(0.5);
});

test('what a chunk and a request cost is the line through two streams', () => {
  expect(lineThrough([8, 2.8], [64, 8.4])).toEqual({ slope: expect.closeTo(0.1), start: expect.closeTo(2) });
});
