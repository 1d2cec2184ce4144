import type { Failure } from '../../lib/failure.ts';
import type { Result } from '../../lib/result.ts';
import { isObject } from '../../lib/checks.ts';
import { isSourceSpec } from '../../sources/model/source.ts';
import type { SourceRecord } from '../../sources/model/record.ts';
import * as folder from '../../state/disk/record-folder.ts';
import { sourceFile, sourcesFolder } from '../../state/disk/layout.ts';

/** Reads every source that is kept. One that cannot be read stays as it is on disk and is told of; the others go on. */
export function readBook(
  stateDir: string,
  now: number,
): Promise<{
  readonly records: readonly SourceRecord[];
  readonly notices: readonly folder.RecordNotice[];
}> {
  const unread = (name: string): string => `source ${name} is not looked at`;
  return folder.readRecords(sourcesFolder(stateDir), { isRecord, unread, now });
}

/** Makes a source durable. */
export function writeRecord(stateDir: string, record: SourceRecord): Promise<Result<void, Failure>> {
  const { name } = record.spec;
  return folder.writeRecord(sourceFile(stateDir, name), record, `source ${name}`);
}

export function dropRecord(stateDir: string, name: string): Promise<Result<void, Failure>> {
  return folder.dropRecord(sourceFile(stateDir, name));
}

function isRecord(data: unknown): data is SourceRecord {
  return (
    isObject(data) &&
    isSourceSpec(data['spec'], 'spec') === null &&
    Array.isArray(data['history']) &&
    Array.isArray(data['quarantined'])
  );
}
