import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, test } from 'vitest';
import type { Row } from '../row.ts';
import { Canary } from './watch/canary.ts';
import { whatIsMissing } from './needs.ts';
import { recordResult } from './results.ts';
import { ROW_LIMIT_MS, runRow } from './run-row.ts';

/** Makes a test of each row. The seed is `SEED`, or drawn; a row that fails says it. `brief`: one variant of each. */
export function defineRows(rows: readonly Row[], { brief }: { readonly brief: boolean }): void {
  const seed = process.env['SEED'] ?? String(randomInt(1_000_000_000));
  let canary: Canary;
  beforeAll(async () => {
    canary = await Canary.start();
  });
  afterAll(() => canary.end());
  test.for(rows.map((row) => [row.name, row.holds, row] as const))(
    '%s: %s',
    { timeout: ROW_LIMIT_MS },
    async ([, , row], context) => {
      const missing = whatIsMissing(['linux', ...(row.needs ?? [])]);
      if (missing !== null) {
        recordResult({ row: row.name, seed, outcome: 'skipped', ms: 0, notes: [missing] });
        context.skip(missing);
      }
      const began = performance.now();
      const ms = (): number => Math.round(performance.now() - began);
      try {
        const notes = await runRow(row, { seed, canary, brief });
        recordResult({ row: row.name, seed, outcome: 'held', ms: ms(), notes });
      } catch (error) {
        recordResult({ row: row.name, seed, outcome: 'failed', ms: ms(), notes: [] });
        throw error;
      }
    },
  );
}
