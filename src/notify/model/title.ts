import { alertOf } from './alerts.ts';
import type { Delivery, Item, LeftOut } from './record.ts';

/** What a message is about, in one line. */
export function titleOf(payload: Delivery['payload']): string {
  if (payload.kind === 'status') {
    const { source, commit, state } = payload.status;
    return `${source} at ${commit.slice(0, 7)}: ${state}`;
  }
  const [first, ...rest] = payload.items;
  if (first === undefined) return countText(payload.leftOut.count);
  const more = rest.length + payload.leftOut.count;
  return `${headline(first)}${more === 0 ? '' : `, and ${more} more`}`;
}

function countText(amount: number): string {
  return `${amount} ${amount === 1 ? 'event' : 'events'}`;
}

/** `shop/api keeps crashing`, `over: shop/api keeps crashing`. */
export function headline({ kind, topic, about, reason }: Item): string {
  const subject = subjectOf(about);
  const title = topic === null ? undefined : alertOf(topic)?.title;
  if (title === undefined) return `${subject}: ${reason}`;
  const before = kind === 'recovered' ? 'over: ' : kind === 'still' ? 'still: ' : '';
  return `${before}${subject} ${title}`;
}

function subjectOf({ project, app, source, receiver }: Item['about']): string {
  if (app !== null) return `${project ?? ''}/${app}`;
  if (source !== null) return `source ${source}`;
  return receiver === null ? 'this host' : `receiver ${receiver}`;
}

/** `12 more: BackOff 8, Exited 4`; null: nothing was left out. */
export function leftOutText({ count, reasons }: LeftOut): string | null {
  if (count === 0) return null;
  const each = Object.entries(reasons).map(([reason, amount = 0]) => `${reason} ${amount}`);
  return `${count} more, not listed: ${each.join(', ')}`;
}
