import { KEPT_SENT, type Delivery, type ReceiverRecord, type Sent } from '../model/record.ts';
import { titleOf } from '../model/title.ts';

/** What came of one try. */
export interface Attempt {
  readonly ok: boolean;
  /** What the receiver answered, or why it was not reached; for people, without secrets, in one line. */
  readonly message: string;
  /** It is not to be tried before, epoch milliseconds: the receiver has said so. */
  readonly notBefore?: number;
}

const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 15 * 60_000;
const MAX_DOUBLINGS = 12;
const JITTER = 0.2;
/** A message that is not taken for so long is given up. */
export const GIVE_UP_MS = 24 * 60 * 60_000;

/** The record after a try to send its message. `random`: from 0 to 1. */
export function afterAttempt(
  record: ReceiverRecord,
  delivery: Delivery,
  attempt: Attempt,
  { now, random }: { readonly now: number; readonly random: number },
): ReceiverRecord {
  if (record.delivery?.id !== delivery.id) return record;
  const attempts = delivery.attempts + 1;
  if (attempt.ok) {
    const counts = { ...record.counts, delivered: record.counts.delivered + 1 };
    const sent = sentOf(delivery, { outcome: 'delivered', attempts, message: attempt.message, at: now });
    return { ...record, delivery: null, failing: null, counts, history: kept(sent, record) };
  }
  const { failing: before } = record;
  const failing = {
    since: before?.since ?? now,
    attempts: (before?.attempts ?? 0) + 1,
    message: attempt.message,
    told: before?.told ?? false,
  };
  if (now - delivery.madeAt >= GIVE_UP_MS) {
    const counts = { ...record.counts, givenUp: record.counts.givenUp + 1 };
    const sent = sentOf(delivery, { outcome: 'given-up', attempts, message: attempt.message, at: now });
    return { ...record, delivery: null, failing, counts, history: kept(sent, record) };
  }
  const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(MAX_DOUBLINGS, attempts - 1));
  const nextAt = Math.round(now + waitMs * (1 + JITTER * (2 * random - 1)));
  const asked = Math.min(attempt.notBefore ?? 0, now + LONGEST_WAIT_MS);
  return { ...record, failing, delivery: { ...delivery, attempts, nextAt: Math.max(nextAt, asked) } };
}

function sentOf(
  { id, payload }: Delivery,
  what: Pick<Sent, 'outcome' | 'attempts' | 'message' | 'at'>,
): Sent {
  const counted =
    payload.kind === 'status'
      ? { items: 1, leftOut: 0 }
      : { items: payload.items.length, leftOut: payload.leftOut.count };
  return { id, title: titleOf(payload), ...what, ...counted };
}

function kept(sent: Sent, { history }: ReceiverRecord): readonly Sent[] {
  return [sent, ...history].slice(0, KEPT_SENT);
}
