import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
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

/** Longer than any stat of a process. */
const short = Buffer.alloc(4_096);

function readRow(pid: number): ProcessRow | null {
  try {
    return parseStat(pid, readShort(`/proc/${pid}/stat`));
  } catch {
    return null;
  }
}

/** For what is read of every process of the host: half the cost of readFileSync. */
function readShort(path: string): string {
  const fd = openSync(path, 'r');
  try {
    return short.toString('latin1', 0, readSync(fd, short, 0, short.length, 0));
  } finally {
    closeSync(fd);
  }
}
