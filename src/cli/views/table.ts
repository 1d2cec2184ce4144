import { displayWidth, padEnd } from './text.ts';

/** One cell: its text, and how to colour it (applied after the width was measured). */
export interface Cell {
  readonly text: string;
  readonly paint?: ((text: string) => string) | undefined;
}

const GAP = '  ';

/**
 * A table without borders, so that `grep` and `awk` work on it: columns as wide as their widest cell, two blanks apart,
 * nothing after the last. `headers` null leaves the header line out. Ends with a newline unless it is empty.
 */
export function renderTable(headers: readonly string[] | null, rows: readonly (readonly Cell[])[]): string {
  const all = headers === null ? rows : [headers.map((text) => ({ text })), ...rows];
  const widths = columnWidths(all);
  return all.map((row) => `${renderRow(row, widths)}\n`).join('');
}

function columnWidths(rows: readonly (readonly Cell[])[]): readonly number[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, displayWidth(cell.text));
    });
  }
  return widths;
}

function renderRow(row: readonly Cell[], widths: readonly number[]): string {
  return row
    .map((cell, column) => {
      const painted = cell.paint === undefined ? cell.text : cell.paint(cell.text);
      if (column === row.length - 1) return painted;
      // Padding goes outside of the colour, or underlines and backgrounds would run on.
      return painted + padEnd(cell.text, widths[column] ?? 0).slice(cell.text.length);
    })
    .join(GAP)
    .trimEnd();
}
