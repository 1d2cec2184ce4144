import { mkdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { errorMessage } from '../../lib/system-error.ts';
import {
  listStateFiles,
  readStateFile,
  removeStateFile,
  removeTemporaryFiles,
  writeStateFile,
} from './durable-file.ts';

/** What could not be read, or was mended. */
export interface RecordNotice {
  readonly level: 'warning' | 'error';
  readonly message: string;
}

/** Reads every record of a folder. One that cannot be read stays as it is on disk and is told of; the others go on. */
export async function readRecords<T>(
  folder: string,
  {
    isRecord,
    unread,
    now,
  }: {
    readonly isRecord: (data: unknown) => data is T;
    /** What becomes of one that cannot be read: `source shop is not looked at`. */
    readonly unread: (name: string) => string;
    readonly now: number;
  },
): Promise<{ readonly records: readonly T[]; readonly notices: readonly RecordNotice[] }> {
  const files = await listStateFiles(folder);
  if (files.length === 0) return { records: [], notices: [] };
  await removeTemporaryFiles(folder);
  const records: T[] = [];
  const notices: RecordNotice[] = [];
  for (const file of files) {
    const read = await readStateFile(file, { repair: true, now, isUsable: isRecord });
    if (!read.ok) {
      const { message } = read.error.failure;
      notices.push({ level: 'error', message: `${unread(basename(file, '.json'))}: ${message}` });
      continue;
    }
    const { data, notice } = read.value;
    if (notice !== null) notices.push({ level: 'warning', message: notice });
    if (isRecord(data)) records.push(data);
  }
  return { records, notices };
}

/** Makes a record durable. `what`: whose it is, `source shop`. */
export async function writeRecord(
  path: string,
  record: unknown,
  what: string,
): Promise<Result<void, Failure>> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeStateFile(path, record);
    return ok(undefined);
  } catch (error) {
    const message = `cannot keep what is known of ${what}: ${errorMessage(error)}`;
    return err({ code: 'STATE_WRITE', message, hint: `look at ${path}` });
  }
}

export async function dropRecord(path: string): Promise<Result<void, Failure>> {
  try {
    await removeStateFile(path);
    return ok(undefined);
  } catch (error) {
    return err({ code: 'STATE_WRITE', message: `cannot remove ${path}: ${errorMessage(error)}` });
  }
}
