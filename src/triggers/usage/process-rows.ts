import { readdirSync, readFileSync } from 'node:fs';
import { parseStat, type ProcessRow } from './process-tree.ts';

/** Processes read before the event loop gets its turn again: under a millisecond. */
const SLICE = 64;

/**
 * Every process of the host that can be read; none where nothing can be opened now. `reuse`: a row that will do for that pid
 * as it is.
 */
export async function readRows(
  reuse: (pid: number) => ProcessRow | undefined = () => undefined,
): Promise<readonly ProcessRow[]> {
  const rows: ProcessRow[] = [];
  const names = listProc().filter((name) => /^\d+$/.test(name));
  for (const [index, name] of names.entries()) {
    if (index % SLICE === SLICE - 1) await new Promise((resolve) => setImmediate(resolve));
    const row = reuse(Number(name)) ?? readRow(Number(name));
    if (row !== null) rows.push(row);
  }
  return rows;
}

function listProc(): readonly string[] {
  try {
    return readdirSync('/proc');
  } catch {
    // Too many open files: the next round may have more luck.
    return [];
  }
}

function readRow(pid: number): ProcessRow | null {
  try {
    return parseStat(pid, readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return null;
  }
}
