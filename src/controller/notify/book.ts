import { isObject } from '../../lib/checks.ts';
import type { Failure } from '../../lib/failure.ts';
import type { Result } from '../../lib/result.ts';
import { isReceiverSpec } from '../../notify/model/receiver.ts';
import type { ReceiverRecord } from '../../notify/model/record.ts';
import * as folder from '../../state/disk/record-folder.ts';
import { receiverFile, receiversFolder } from '../../state/disk/layout.ts';

export function readBook(
  stateDir: string,
  now: number,
): Promise<{
  readonly records: readonly ReceiverRecord[];
  readonly notices: readonly folder.RecordNotice[];
}> {
  const unread = (name: string): string => `receiver ${name} is told nothing`;
  return folder.readRecords(receiversFolder(stateDir), { isRecord, unread, now });
}

export function writeRecord(stateDir: string, record: ReceiverRecord): Promise<Result<void, Failure>> {
  const { name } = record.spec;
  return folder.writeRecord(receiverFile(stateDir, name), record, `receiver ${name}`);
}

export function dropRecord(stateDir: string, name: string): Promise<Result<void, Failure>> {
  return folder.dropRecord(receiverFile(stateDir, name));
}

function isRecord(data: unknown): data is ReceiverRecord {
  return (
    isObject(data) &&
    isReceiverSpec(data['spec'], 'spec') === null &&
    typeof data['seen'] === 'number' &&
    ['issues', 'waiting', 'statuses', 'madeAt', 'history'].every((key) => Array.isArray(data[key])) &&
    ['commits', 'leftOut', 'counts', 'declared'].every((key) => isObject(data[key]))
  );
}
