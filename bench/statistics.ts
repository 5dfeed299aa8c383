const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

/** The value below which so many percent are, by the nearest rank; 0 of none. */
export const percentile = (values: readonly number[], percent: number): number => {
  const order = sorted(values);
  const rank = Math.ceil((percent / 100) * order.length);
  return order[Math.max(0, rank - 1)] ?? 0;
};

/** Of an even number, the mean of the two in the middle; 0 of none. */
export const median = (values: readonly number[]): number => {
  const order = sorted(values);
  const middle = order.length / 2;
  const [low = 0, high = 0] = [order[Math.ceil(middle) - 1], order[Math.floor(middle)]];
  return (low + high) / 2;
};

/** The median of what one is of the other, round by round: what slows both of a round down does not count. */
export const medianRatio = (values: readonly number[], of: readonly number[]): number =>
  median(values.flatMap((value, round) => (of[round] ? value / of[round] : [])));

/** What one more unit costs and what there is without any, by two points. */
export const lineThrough = (
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
): { slope: number; start: number } => {
  const slope = (y2 - y1) / (x2 - x1);
  return { slope, start: y1 - slope * x1 };
};
