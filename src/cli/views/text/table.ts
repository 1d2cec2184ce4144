import { displayWidth } from './text.ts';

/** One cell: its text, and how to colour it (applied after the width was measured). */
export interface Cell {
  readonly text: string;
  readonly paint?: ((text: string) => string) | undefined;
}

/** Blanks between columns. */
const GAP = 2;

/**
 * A table without borders, so that `grep` and `awk` work on it: columns as wide as their widest cell, two blanks apart,
 * nothing after the last. `headers` null leaves the header line out. Ends with a newline unless it is empty.
 */
export function renderTable(headers: readonly string[] | null, rows: readonly (readonly Cell[])[]): string {
  const all = headers === null ? rows : [headers.map((text) => ({ text })), ...rows];
  const taken = all.map((row) => row.map(({ text }) => displayWidth(text)));
  const widths = columnWidths(taken);
  let table = '';
  for (const [index, row] of all.entries()) table += `${renderRow(row, taken[index] ?? [], widths)}\n`;
  return table;
}

function columnWidths(rows: readonly (readonly number[])[]): readonly number[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((taken, column) => {
      if (taken > (widths[column] ?? -1)) widths[column] = taken;
    });
  }
  return widths;
}

/** A loop, and blanks only where they are wanted: a long list is printed by code that runs for the first time. */
function renderRow(row: readonly Cell[], taken: readonly number[], widths: readonly number[]): string {
  let line = '';
  let blanks = 0;
  row.forEach(({ text, paint }, column) => {
    if (text !== '') line += ' '.repeat(blanks) + (paint === undefined ? text : paint(text));
    const missing = (widths[column] ?? 0) - (taken[column] ?? 0);
    // Padding goes outside of the colour, or underlines and backgrounds would run on.
    blanks = text === '' ? blanks + missing + GAP : missing + GAP;
  });
  return line;
}
