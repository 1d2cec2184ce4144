import { sameValue } from '../../lib/values/same-value.ts';
import type { ReceiverSpec } from './receiver.ts';
import { newReceiver, type ReceiverRecord } from './record.ts';

/** A receiver that is declared otherwise. What waits for it is told in the new way, and at once. */
export function redeclaredReceiver(
  record: ReceiverRecord,
  spec: ReceiverSpec,
  declared: ReceiverRecord['declared'],
): ReceiverRecord {
  const { delivery, history, counts, seen } = record;
  const isStatus = (of: ReceiverSpec): boolean => of.to.kind === 'commit_status';
  // Messages and commit statuses have nothing in common.
  if (isStatus(record.spec) !== isStatus(spec))
    return { ...newReceiver(spec, declared, seen), history, counts };
  const isSamePlace = sameValue(record.spec.to, spec.to);
  return {
    ...record,
    spec,
    declared,
    failing: isSamePlace ? record.failing : null,
    delivery: delivery === null || isSamePlace ? delivery : { ...delivery, attempts: 0, nextAt: 0 },
  };
}
