import { createReadStream } from 'node:fs';
import { lstat, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { isObject } from '../../lib/checks.ts';
import { errorMessage } from '../../lib/system-error.ts';
import type { AuditEntry, AuditHead } from './audit-entry.ts';
import { hashOf, NO_ENTRY } from './audit-entry.ts';
import { auditFiles, headFile } from './audit-files.ts';

/** What was found of a log. */
export interface AuditVerdict {
  /** How many whole entries there are. */
  readonly entries: number;
  /** The last of them. */
  readonly head: AuditHead;
  /** What is wrong, in the order of the log, each with its place; empty: the chain is whole. At most 20. */
  readonly problems: readonly string[];
}

const TOLD = 20;

/** The newest `limit` entries that can be read, oldest first. */
export async function readAudit(folder: string, limit: number): Promise<readonly AuditEntry[]> {
  let found: AuditEntry[] = [];
  for (const { path } of (await auditFiles(folder)).toReversed()) {
    if (found.length >= limit) break;
    const own: AuditEntry[] = [];
    for await (const line of linesOf(path)) {
      const entry = parseEntry(line);
      if (entry !== null) own.push(entry);
    }
    found = [...own, ...found].slice(-limit);
  }
  return limit === 0 ? [] : found;
}

/** Reads the whole log and follows its chain. `noted`: a hash that has to be in it. */
export async function verifyAudit(folder: string, noted?: string): Promise<AuditVerdict> {
  let head = NO_ENTRY;
  let entries = 0;
  let isNoted = noted === undefined;
  const problems: string[] = [];
  const say = (problem: string): void => {
    if (problems.length < TOLD) problems.push(problem);
  };
  let lastFile = 0;
  for (const { path, number } of await auditFiles(folder)) {
    if (number !== lastFile + 1) say(`${path}: the file before it is missing`);
    lastFile = number;
    let row = 0;
    try {
      for await (const line of linesOf(path)) {
        row += 1;
        const entry = parseEntry(line);
        const place = `${path}:${row}`;
        if (entry === null) {
          say(`${place}: this is no entry`);
          continue;
        }
        for (const problem of problemsOf(entry, head)) say(`${place}: ${problem}`);
        entries += 1;
        isNoted ||= entry.hash === noted;
        head = { seq: entry.seq, hash: entry.hash };
      }
    } catch (error) {
      say(`${path}: ${errorMessage(error)}`);
    }
  }
  const kept = await readHead(folder);
  if (kept !== null && kept.seq > head.seq)
    say(`${folder}: ${entryCount(kept.seq - head.seq)} missing at the end (there were ${kept.seq})`);
  else if (kept?.seq === head.seq && kept.hash !== head.hash)
    say(`${folder}: entry ${head.seq} is not the one that was written last`);
  if (!isNoted) say(`${folder}: no entry has the hash ${noted ?? ''}`);
  return { entries, head, problems };
}

function problemsOf(entry: AuditEntry, before: AuditHead): readonly string[] {
  const own = hashOf(entry) === entry.hash ? [] : [`entry ${entry.seq} was changed`];
  if (entry.previous === before.hash && entry.seq === before.seq + 1) return own;
  const gap = entry.seq - before.seq - 1;
  const what =
    gap > 0 ? `${entryCount(gap)} missing before it` : 'it does not follow from the entry before it';
  return [...own, `entry ${entry.seq}: ${what}`];
}

/** The head that is kept beside the log; null: none that could be read. */
export async function readHead(folder: string): Promise<AuditHead | null> {
  const path = headFile(folder);
  try {
    if (!(await lstat(path)).isFile()) return null;
    const found: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (!isObject(found) || typeof found.seq !== 'number' || typeof found.hash !== 'string') return null;
    return { seq: found.seq, hash: found.hash };
  } catch {
    return null;
  }
}

/** null: the line is none. */
export function parseEntry(line: string): AuditEntry | null {
  try {
    const found: unknown = JSON.parse(line);
    const isEntry =
      isObject(found) &&
      typeof found.seq === 'number' &&
      typeof found.hash === 'string' &&
      typeof found.previous === 'string' &&
      typeof found.kind === 'string';
    return isEntry ? (found as unknown as AuditEntry) : null;
  } catch {
    return null;
  }
}

function linesOf(path: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity });
}

function entryCount(count: number): string {
  return count === 1 ? '1 entry is' : `${count} entries are`;
}
