import { readFileSync } from 'node:fs';
import { resultOf } from './results.mjs';

export const FORMAT = 1;

/** What `--json` prints: the heads and the rows of a run. */
export function toJson({ heads, results }) {
  return `${JSON.stringify({ formatVersion: FORMAT, heads, rows: results }, null, 2)}\n`;
}

/**
 * Runs that `--json` printed, as one. The samples are taken; goals and words are those of today. A row of a later file
 * takes the place of the same row of an earlier one.
 */
export function fromJson(files, rows) {
  const runs = files.map((file) => {
    const run = JSON.parse(readFileSync(file, 'utf8'));
    if (run.formatVersion !== FORMAT)
      throw new Error(`${file} is no table of this version of the benchmarks`);
    return run;
  });
  const measured = new Map(runs.flatMap((run) => run.rows).map((row) => [row.id, row]));
  const results = rows.filter(({ id }) => measured.has(id)).map((row) => resultOf(row, measured.get(row.id)));
  return { heads: runs.flatMap(({ heads }) => heads), results };
}
