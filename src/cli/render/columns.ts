import { printable } from '../../telemetry/printable.ts';

/** Formats rows as a table. Control characters in cells are escaped. */
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
