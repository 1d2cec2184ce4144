import { readFile, rename, rm, stat } from 'node:fs/promises';
import { errorCode, errorMessage } from '../../lib/system-error.ts';
import type { LedgerEntry } from './ledger-record.ts';
import { replayLedger } from './replay-ledger.ts';

/** Many times what ten thousand instances need. */
const MAX_BYTES = 64 * 1024 * 1024;
/** A runner that dies while it writes tears the last line. */
const TORN = 1;

export interface LedgerReading {
  readonly entries: readonly LedgerEntry[];
  /** What could not be read of it, for people; null: nothing. */
  readonly damage: string | null;
}

/**
 * Reads what an earlier runner left at `path`; a missing file is an empty ledger. What is damaged costs what it said and
 * nothing else: processes are found by their marks.
 */
export async function readLedger(path: string): Promise<LedgerReading> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) return { entries: [], damage: `it is larger than any ledger (${size} bytes)` };
    const { entries, skipped } = replayLedger(await readFile(path, 'utf8'));
    return { entries, damage: skipped > TORN ? `${skipped} of its lines cannot be read` : null };
  } catch (error) {
    return { entries: [], damage: errorCode(error) === 'ENOENT' ? null : errorMessage(error) };
  }
}

/** Where a damaged ledger is kept, for whoever wants to know what was in it; the one before goes. */
export function damagedPath(path: string): string {
  return `${path}.damaged`;
}

/** Moves a damaged ledger out of the way, whatever it is. Rejects with the system's error. */
export async function setAside(path: string): Promise<void> {
  await rm(damagedPath(path), { recursive: true, force: true });
  await rename(path, damagedPath(path));
}
