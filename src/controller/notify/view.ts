import type { OpenIssueInfo, ReceiverInfo, ReceiverState } from '../../api/contract/wire/notify/receivers.ts';
import type { ReceiverRecord } from '../../notify/model/record.ts';
import { headline } from '../../notify/model/title.ts';
import { titleOf } from '../../notify/model/title.ts';
import { shownSpec, targetText } from '../../notify/model/shown.ts';
import { toRfc3339 } from '../views/wire-values.ts';
import type { ReceiverWorker } from './worker.ts';

/** A receiver as the API shows it. */
export function viewReceiver({ record, writeFailure }: ReceiverWorker, now: number): ReceiverInfo {
  const { spec, declared, delivery, failing, waiting, statuses, leftOut, issues, counts, history } = record;
  return {
    name: spec.name,
    kind: spec.to.kind,
    target: targetText(spec.to),
    spec: shownSpec(spec),
    declared: { ...declared, at: toRfc3339(declared.at) },
    status: {
      state: stateOf(record, now),
      failing:
        failing === null
          ? null
          : {
              since: toRfc3339(failing.since),
              attempts: failing.attempts,
              message: failing.message,
              hint: failingHint(spec.name),
            },
      sending:
        delivery === null
          ? null
          : {
              id: delivery.id,
              title: titleOf(delivery.payload),
              madeAt: toRfc3339(delivery.madeAt),
              attempts: delivery.attempts,
              nextAt: toRfc3339(delivery.nextAt),
            },
      waiting: waiting.length + statuses.length,
      leftOut: leftOut.count,
      open: issues.map(viewIssue),
      counts,
      ...(writeFailure !== null && { unwritten: writeFailure.message }),
    },
    history: history.map((sent) => ({ ...sent, at: toRfc3339(sent.at) })),
  };
}

/** What to do about a receiver that is not reached. */
export function failingHint(name: string): string {
  return `mend what the message says, and try it: stateward notify test ${name}`;
}

function viewIssue({ topic, first, last, count }: ReceiverRecord['issues'][number]): OpenIssueInfo {
  return { topic, title: headline(first), message: last.message, since: toRfc3339(first.at), count };
}

function stateOf(
  { failing, delivery, waiting, statuses, leftOut }: ReceiverRecord,
  now: number,
): ReceiverState {
  if (failing !== null) return 'Failing';
  if (delivery !== null) return delivery.nextAt > now ? 'Waiting' : 'Sending';
  return waiting.length + statuses.length + leftOut.count > 0 ? 'Waiting' : 'Idle';
}
