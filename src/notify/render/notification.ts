import { SEVERITIES, type Severity } from '../model/receiver.ts';
import type { Delivery, Item, LeftOut } from '../model/record.ts';
import { headline, titleOf } from '../model/title.ts';

/** What a webhook gets as its body, and a command on its standard input. Fields are only ever added. Times are RFC 3339. */
export interface Notification {
  readonly apiVersion: 'v1';
  readonly kind: 'Notification';
  /** Stays the same when the message is sent again. */
  readonly id: string;
  readonly host: string;
  readonly receiver: string;
  readonly at: string;
  /** For people, in one line. */
  readonly title: string;
  /** Of the worst of its items. */
  readonly severity: Severity;
  /** Somebody has asked for it with stateward notify test. */
  readonly test: boolean;
  readonly items: readonly NotificationItem[];
  /** What there was too much of to be listed, by reasons. */
  readonly leftOut: LeftOut;
}

export interface NotificationItem {
  readonly kind: Item['kind'];
  readonly topic: string | null;
  readonly severity: Severity;
  readonly reason: string;
  readonly title: string;
  readonly message: string;
  readonly project: string | null;
  readonly app: string | null;
  readonly slot: number | null;
  readonly source: string | null;
  readonly version: string | null;
  /** The number of the event that it tells of. */
  readonly seq: number;
  readonly at: string;
  /** Since when it is wrong. */
  readonly since: string;
  /** How many events it stands for of which nothing was told before. */
  readonly count: number;
}

export interface Sender {
  readonly host: string;
  readonly receiver: string;
}

export function notificationOf(
  {
    id,
    madeAt,
    payload,
  }: Pick<Delivery, 'id' | 'madeAt'> & {
    readonly payload: Extract<Delivery['payload'], { kind: 'message' }>;
  },
  { host, receiver }: Sender,
): Notification {
  const { items, leftOut } = payload;
  const worst = Math.max(0, ...items.map(({ severity }) => SEVERITIES.indexOf(severity)));
  return {
    apiVersion: 'v1',
    kind: 'Notification',
    id,
    host,
    receiver,
    at: timeText(madeAt),
    title: titleOf(payload),
    severity: SEVERITIES[worst] ?? 'info',
    test: false,
    items: items.map(itemOf),
    leftOut,
  };
}

/** What `notify test` sends. */
export function testNotification(id: string, at: number, { host, receiver }: Sender): Notification {
  return {
    apiVersion: 'v1',
    kind: 'Notification',
    id,
    host,
    receiver,
    at: timeText(at),
    title: 'a test message: nothing is wrong',
    severity: 'info',
    test: true,
    items: [],
    leftOut: { count: 0, reasons: {} },
  };
}

function itemOf(item: Item): NotificationItem {
  const { kind, topic, severity, reason, message, about, slot, version, seq, at, since, count } = item;
  const { project, app, source } = about;
  return {
    ...{ kind, topic, severity, reason, title: headline(item), message },
    ...{ project, app, slot, source, version, seq },
    ...{ at: timeText(at), since: timeText(since), count },
  };
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
