import { stripVTControlCharacters } from 'node:util';
import { resultOf } from './results.mjs';

/** No row takes so long: something hangs. */
const ROW_MS = 240_000;

/**
 * Measures rows one after the other. A row that cannot be measured says why and costs the others nothing.
 *
 * @param say told of progress, a line at a time
 */
export async function measureRows(rows, lab, say) {
  const results = [];
  for (const row of rows) {
    const from = performance.now();
    const measured = await measureRow(row, lab);
    const seconds = Math.round((performance.now() - from) / 100) / 10;
    results.push(resultOf(row, { ...measured, seconds }));
    say(`${row.id}: ${measured.error ?? 'measured'} (${seconds} s)`);
  }
  return results;
}

async function measureRow(row, lab) {
  let limit;
  try {
    const late = new Promise((_, reject) => {
      limit = setTimeout(() => reject(new Error(`took longer than ${ROW_MS / 1000} s`)), ROW_MS);
    });
    return await Promise.race([
      late,
      (async () => {
        await lab.setStage(row.stage);
        return { error: null, ...(await row.measure(lab)) };
      })(),
    ]);
  } catch (error) {
    // What it has left must not be measured with the next one.
    await lab.clear().catch(() => undefined);
    return { error: stripVTControlCharacters(error.message).split('\n').slice(0, 3).join(' ') };
  } finally {
    clearTimeout(limit);
  }
}
