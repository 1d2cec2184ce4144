/** How much a row of a folded block matters: what fails is shown as long as there is room for it at all. */
export type Weight = 'failing' | 'moving' | 'at-rest';

export interface FoldableRow {
  readonly line: string;
  readonly weight: Weight;
}

export interface Folded {
  /** In the order of the rows. */
  readonly lines: readonly string[];
  /** How many of each weight are left out. */
  readonly hidden: Readonly<Record<Weight, number>>;
}

const ORDER: readonly Weight[] = ['failing', 'moving', 'at-rest'];

/** The rows that fit into `room` lines: those that fail first, then those that move. */
export function fold(rows: readonly FoldableRow[], room: number): Folded {
  const ranked = rows.toSorted((a, b) => ORDER.indexOf(a.weight) - ORDER.indexOf(b.weight));
  const shown = new Set(ranked.slice(0, Math.max(0, room)));
  const hidden = { failing: 0, moving: 0, 'at-rest': 0 };
  for (const row of rows) if (!shown.has(row)) hidden[row.weight] += 1;
  return { lines: rows.filter((row) => shown.has(row)).map(({ line }) => line), hidden };
}
