import { printable } from '../../telemetry/printable.ts';

/** Rows as text, each column as wide as its widest cell. What is in the cells cannot change the terminal. */
export const columns = (rows: readonly (readonly string[])[]): string => {
  const clean = rows.map((row) => row.map(printable));
  const widths = (clean[0] ?? []).map((_cell, at) => Math.max(...clean.map((row) => row[at]?.length ?? 0)));
  return clean
    .map(
      (row) =>
        `${row
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
};
