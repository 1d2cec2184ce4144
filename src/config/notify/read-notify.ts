import type { Failure } from '../../lib/failure.ts';
import type { Result } from '../../lib/result.ts';
import type { ReceiverSpec } from '../../notify/model/receiver.ts';
import { readList, type ReadListOptions } from '../declared/read-list.ts';
import { RECEIVER_FIELDS } from '../generated/receiver-fields.ts';
import { validate } from '../generated/validate-notify.js';
import { normalised } from './normalise-receiver.ts';

/** Reads files (or `-`) that declare receivers. Every error in them is reported, each with its place. */
export function readReceivers(
  files: readonly string[],
  options: ReadListOptions,
): Promise<Result<readonly ReceiverSpec[], readonly Failure[]>> {
  const list = { key: 'receivers', fields: RECEIVER_FIELDS, validate, normalise: normalised };
  return readList(files, list, options);
}
