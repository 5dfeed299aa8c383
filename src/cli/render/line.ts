import { printable } from '../../telemetry/printable.ts';
import { cutTo, widthOf } from './text.ts';

const SGR = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
} as const;

export type Style = keyof typeof SGR;

/** Text with a look. */
export interface Segment {
  readonly text: string;
  readonly style?: Style | undefined;
}

/** A line of output before it is painted. Every text goes through `paint`, which lets no control character pass. */
export type Line = readonly Segment[];

export const plain = (text: string): Segment => ({ text });

export const styled = (style: Style | undefined, text: string): Segment => ({ text, style });

export const lineWidth = (line: Line): number =>
  line.reduce((sum, { text }) => sum + widthOf(printable(text)), 0);

/** Fills up to a column, so that the next segment begins there; a longer text pushes it to the right. */
export const padTo = (columns: number, line: Line): Line => {
  const missing = columns - lineWidth(line);
  return missing > 0 ? [...line, plain(' '.repeat(missing))] : line;
};

/** Cuts a line to a number of columns. */
export const cutLine = (columns: number, line: Line): Line => {
  const kept: Segment[] = [];
  let room = columns;
  for (const { text, style } of line) {
    if (room <= 0) break;
    const cut = cutTo(printable(text), room);
    kept.push({ text: cut, style });
    room -= widthOf(cut);
  }
  return kept;
};

/** Turns lines into text: with colours on a terminal, without anywhere else. */
export const paint = (line: Line, colours: boolean): string =>
  line
    .map(({ text, style }) => {
      const safe = printable(text);
      if (!colours || !style || safe.trim() === '') return safe;
      const [on, off] = SGR[style];
      return `\u001b[${on}m${safe}\u001b[${off}m`;
    })
    .join('')
    .trimEnd();
