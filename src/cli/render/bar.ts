/** The stretch of time that a row of bars shows. */
export interface Scale {
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly columns: number;
}

interface Stretch {
  readonly startNs: bigint;
  readonly endNs: bigint;
}

const columnOf = ({ startNs, endNs, columns }: Scale, timeNs: bigint): number => {
  const whole = Number(endNs - startNs);
  const share = whole <= 0 ? 0 : Number(timeNs - startNs) / whole;
  return Math.min(1, Math.max(0, share)) * columns;
};

/** Draws a stretch of time as a bar: `fill` where it covers a column, a thin line where it is too short to. */
export const drawBar = (scale: Scale, { startNs, endNs }: Stretch, fill: string): string => {
  const from = Math.min(scale.columns - 1, Math.floor(columnOf(scale, startNs)));
  const to = Math.max(from + 1, Math.round(columnOf(scale, endNs)));
  const isThin = columnOf(scale, endNs) - columnOf(scale, startNs) < 0.5;
  return ' '.repeat(from) + (isThin ? '▏' : fill.repeat(to - from));
};

/** Puts a mark on a bar at an instant. */
export const markBar = (scale: Scale, bar: string, timeNs: bigint, mark: string): string => {
  const at = Math.min(scale.columns - 1, Math.floor(columnOf(scale, timeNs)));
  const cells = bar.padEnd(at + 1);
  return cells.slice(0, at) + mark + cells.slice(at + 1);
};
