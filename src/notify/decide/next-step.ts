import { SEVERITIES } from '../model/receiver.ts';
import { NOTHING_LEFT_OUT, type Delivery, type Item, type ReceiverRecord } from '../model/record.ts';
import { leaveOut } from './queue.ts';
import { nextTime } from './take-time.ts';

const HOUR_MS = 60 * 60_000;
/** Things that one message tells of; what is more is counted in it. */
export const MAX_ITEMS = 20;

/**
 * What is to be done for a receiver: send its message, or wait.
 *
 * ```
 *   waiting ──group passed, limit not reached──▶ delivery ──taken──▶ history
 *                                                 │   ▲
 *                                                 └───┘ not taken: again, later each time; given up after a day
 * ```
 */
export type NextStep =
  | { readonly kind: 'send'; readonly record: ReceiverRecord; readonly delivery: Delivery }
  /** null: until something happens. */
  | { readonly kind: 'wait'; readonly until: number | null };

/** @param newId makes the id of a message of what it is about: the same text gives the same id */
export function nextStep(record: ReceiverRecord, now: number, newId: (about: string) => string): NextStep {
  const { delivery } = record;
  if (delivery !== null) {
    return now >= delivery.nextAt
      ? { kind: 'send', record, delivery }
      : { kind: 'wait', until: earliest(delivery.nextAt, nextTime(record, now)) };
  }
  const due = dueAt(record, now);
  if (due === null || now < due) return { kind: 'wait', until: earliest(due, nextTime(record, now)) };
  const made = makeDelivery(record, now, newId);
  return { kind: 'send', ...made };
}

function earliest(one: number | null, other: number | null): number | null {
  return one === null ? other : other === null ? one : Math.min(one, other);
}

/** When the next message may be made; null: there is nothing to tell. */
function dueAt({ spec, waiting, statuses, leftOut, madeAt }: ReceiverRecord, now: number): number | null {
  const [first] = waiting;
  const [status] = statuses;
  if (first === undefined && status === undefined && leftOut.count === 0) return null;
  const began = first?.queuedAt ?? now;
  // A clock that was set back must not make it wait for ever.
  const grouped = status !== undefined || began > now ? now : began + spec.groupMs;
  const recent = recentOf(madeAt, now);
  const [oldest] = recent;
  const free = recent.length < spec.limit || oldest === undefined ? now : oldest + HOUR_MS;
  return Math.max(grouped, free);
}

function recentOf(madeAt: readonly number[], now: number): readonly number[] {
  return madeAt.filter((at) => at > now - HOUR_MS && at <= now);
}

function makeDelivery(
  record: ReceiverRecord,
  now: number,
  newId: (about: string) => string,
): { readonly record: ReceiverRecord; readonly delivery: Delivery } {
  const madeAt = [...recentOf(record.madeAt, now), now];
  const base = { madeAt: now, attempts: 0, nextAt: now };
  const [status, ...statuses] = record.statuses;
  if (status !== undefined) {
    const { source, commit, state, at } = status;
    const id = newId(JSON.stringify([record.spec.name, source, commit, state, at]));
    const delivery: Delivery = { ...base, id, payload: { kind: 'status', status } };
    return { record: { ...record, statuses, madeAt, delivery }, delivery };
  }
  const { listed, counted } = chosen(record.waiting);
  const { leftOut } = leaveOut(record, counted);
  const about = listed[0];
  const id = newId(
    JSON.stringify([record.spec.name, about?.kind, about?.seq, about?.at, about?.count ?? now]),
  );
  const delivery: Delivery = { ...base, id, payload: { kind: 'message', items: listed, leftOut } };
  const counts = { ...record.counts, leftOut: record.counts.leftOut + leftOut.count };
  return {
    record: { ...record, waiting: [], leftOut: NOTHING_LEFT_OUT, madeAt, counts, delivery },
    delivery,
  };
}

/** The worst, in the order in which they came; the others are counted. */
function chosen(waiting: readonly Item[]): {
  readonly listed: readonly Item[];
  readonly counted: Readonly<Record<string, number>>;
} {
  const ranked = waiting
    .map((item, index) => ({ item, index }))
    .sort((a, b) => rank(b.item) - rank(a.item) || a.index - b.index);
  const listed = ranked.slice(0, MAX_ITEMS).sort((a, b) => a.index - b.index);
  const counted: Record<string, number> = {};
  for (const { item } of ranked.slice(MAX_ITEMS)) {
    counted[item.reason] = (counted[item.reason] ?? 0) + Math.max(1, item.count);
  }
  return { listed: listed.map(({ item }) => item), counted };
}

/** What is wrong comes before what is over, and that before news. */
function rank({ kind, severity }: Item): number {
  const order = { problem: 2, still: 2, recovered: 1, news: 0 } as const;
  return order[kind] * SEVERITIES.length + SEVERITIES.indexOf(severity);
}
