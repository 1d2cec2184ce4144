import type { Item, ReceiverRecord } from '../model/record.ts';

/** What waits for a receiver that is not reached, or has had its share. */
export const MAX_WAITING = 200;

/** Adds what is to be told. News that says the same as what waits is counted there; what is too much is counted as left out. */
export function queue(record: ReceiverRecord, item: Item): ReceiverRecord {
  const same = record.waiting.findIndex((other) => isSameNews(other, item));
  if (same !== -1) {
    const waiting = record.waiting.map((other, index) =>
      index === same ? { ...item, count: other.count + item.count, queuedAt: other.queuedAt } : other,
    );
    return { ...record, waiting };
  }
  const waiting = [...record.waiting, item];
  if (waiting.length <= MAX_WAITING) return { ...record, waiting };
  const [oldest, ...rest] = waiting;
  return leaveOut(
    { ...record, waiting: rest },
    oldest === undefined ? {} : { [oldest.reason]: oldest.count },
  );
}

function isSameNews(one: Item, other: Item): boolean {
  return (
    one.kind === 'news' &&
    other.kind === 'news' &&
    one.reason === other.reason &&
    one.message === other.message &&
    one.slot === other.slot &&
    one.about.app === other.about.app &&
    one.about.project === other.about.project &&
    one.about.source === other.about.source
  );
}

/** Counts, by their reasons, events that are told of no more than that. */
export function leaveOut(record: ReceiverRecord, reasons: Readonly<Record<string, number>>): ReceiverRecord {
  const { leftOut } = record;
  const sum = Object.values(reasons).reduce((all, one) => all + one, 0);
  const counted: Record<string, number> = {};
  for (const [reason, amount] of Object.entries(reasons)) {
    counted[reason] = (leftOut.reasons[reason] ?? 0) + amount;
  }
  return {
    ...record,
    leftOut: { count: leftOut.count + sum, reasons: { ...leftOut.reasons, ...counted } },
  };
}
