import { mkdir } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { errorMessage } from '../../lib/system-error.ts';
import { isObject } from '../../lib/checks.ts';
import { isSourceSpec } from '../../sources/model/source.ts';
import type { SourceRecord } from '../../sources/model/record.ts';
import {
  listStateFiles,
  readStateFile,
  removeStateFile,
  removeTemporaryFiles,
  writeStateFile,
} from '../../state/disk/durable-file.ts';
import { sourceFile, sourcesFolder } from '../../state/disk/layout.ts';

/** What could not be read, or was mended. */
export interface BookNotice {
  readonly level: 'warning' | 'error';
  readonly message: string;
}

/** Reads every source that is kept. One that cannot be read stays as it is on disk and is told of; the others go on. */
export async function readBook(
  stateDir: string,
  now: number,
): Promise<{ readonly records: readonly SourceRecord[]; readonly notices: readonly BookNotice[] }> {
  const folder = sourcesFolder(stateDir);
  const files = await listStateFiles(folder);
  if (files.length === 0) return { records: [], notices: [] };
  await removeTemporaryFiles(folder);
  const records: SourceRecord[] = [];
  const notices: BookNotice[] = [];
  for (const file of files) {
    const read = await readStateFile(file, { repair: true, now, isUsable: isRecord });
    if (!read.ok) {
      const { message } = read.error.failure;
      notices.push({
        level: 'error',
        message: `source ${basename(file, '.json')} is not looked at: ${message}`,
      });
      continue;
    }
    const { data, notice } = read.value;
    if (notice !== null) notices.push({ level: 'warning', message: notice });
    if (data !== undefined) records.push(data as SourceRecord);
  }
  return { records, notices };
}

/** Makes a source durable. */
export async function writeRecord(stateDir: string, record: SourceRecord): Promise<Result<void, Failure>> {
  const path = sourceFile(stateDir, record.spec.name);
  try {
    await mkdir(sourcesFolder(stateDir), { recursive: true, mode: 0o700 });
    await writeStateFile(path, record);
    return ok(undefined);
  } catch (error) {
    const message = `cannot keep what is known of source ${record.spec.name}: ${errorMessage(error)}`;
    return err({ code: 'STATE_WRITE', message, hint: `look at ${path}` });
  }
}

export async function dropRecord(stateDir: string, name: string): Promise<Result<void, Failure>> {
  const path = sourceFile(stateDir, name);
  try {
    await removeStateFile(path);
    return ok(undefined);
  } catch (error) {
    return err({ code: 'STATE_WRITE', message: `cannot remove ${path}: ${errorMessage(error)}` });
  }
}

function isRecord(data: unknown): boolean {
  return (
    isObject(data) &&
    isSourceSpec(data['spec'], 'spec') === null &&
    Array.isArray(data['history']) &&
    Array.isArray(data['quarantined'])
  );
}
