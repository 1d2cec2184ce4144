import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../lib/system-error.ts';

const NAME = /^(\d{6,})\.ndjson$/;

/** One file of the log. Files are never removed by us. */
export interface AuditFile {
  readonly path: string;
  /** From 1. */
  readonly number: number;
}

/** In their order. What is no plain file is none of them: a FIFO would never end. */
export async function auditFiles(folder: string): Promise<readonly AuditFile[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  return entries
    .flatMap((entry) => {
      const number = Number(NAME.exec(entry.name)?.[1]);
      const isLog = entry.isFile() && Number.isInteger(number);
      return isLog ? [{ path: join(folder, entry.name), number }] : [];
    })
    .sort((a, b) => a.number - b.number);
}

export function auditFile(folder: string, number: number): AuditFile {
  return { path: join(folder, `${String(number).padStart(6, '0')}.ndjson`), number };
}

/** Where the head of the chain is kept beside the log, so that entries that are cut off its end are missed. */
export function headFile(folder: string): string {
  return join(folder, 'head.json');
}
