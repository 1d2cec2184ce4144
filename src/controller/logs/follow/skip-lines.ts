import { countNewlines } from '../parts/lines-of.ts';
import { isSameFile, listParts, LogPart, type PartsContext } from '../parts/log-part.ts';
import type { FilePlace } from '../parts/log-marks.ts';

const BLOCK_BYTES = 256 * 1024;

/**
 * Of a reader that is so slow that the files which it has not read are about to be rotated away: the newest of them, from
 * whose beginning on it can go on, and how many lines are skipped by that. null: it need not skip anything.
 */
export async function skipTo(
  path: string,
  mine: FilePlace,
  { keep, context }: { readonly keep: number; readonly context: PartsContext },
): Promise<{ readonly part: LogPart; readonly skipped: number } | null> {
  const parts = await listParts(path);
  const index = parts.findIndex((place) => isSameFile(place, mine));
  const target = parts[1];
  // The one that is removed next, or one that is gone already.
  if (target === undefined || index < Math.max(2, keep - 1)) return null;
  let skipped = 0;
  for (const place of parts.slice(2, index + 1).reverse()) {
    const part = await LogPart.open(place.path, context);
    if (part === null) continue;
    try {
      skipped += await linesFrom(part, isSameFile(part.identity, mine) ? mine.offset : 0);
    } finally {
      await part.close();
    }
  }
  const part = await LogPart.open(target.path, context);
  return part === null ? null : { part, skipped };
}

async function linesFrom(part: LogPart, offset: number): Promise<number> {
  let count = 0;
  for (let position = offset; position < part.size; position += BLOCK_BYTES) {
    count += countNewlines(await part.read(position, BLOCK_BYTES));
  }
  return count;
}
