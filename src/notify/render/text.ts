import { formatSpan } from '../../lib/units.ts';
import { leftOutText } from '../model/title.ts';
import type { Notification, NotificationItem } from './notification.ts';

/** One line without control characters: what is quoted must not look like lines, or headers, of ours. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}

/** `[web-1] shop/api keeps crashing`. */
export function subjectText({ host, title }: Pick<Notification, 'host' | 'title'>): string {
  return oneLine(`[${host}] ${title}`);
}

/** The whole message as lines of text. */
export function plainText(notification: Notification): string {
  const { items, leftOut, host, id, test } = notification;
  const more = leftOutText(leftOut);
  const lines = [
    ...(test ? [`This is a test of stateward on ${host}: nothing is wrong.`] : []),
    ...items.flatMap((item) => [`${oneLine(item.title)}${detailOf(item)}`, `  ${item.message}`, '']),
    ...(more === null ? [] : [more, '']),
    `host ${host}, message ${id}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** In brackets: how severe, since when, how often. */
export function detailOf({ kind, severity, since, at, count }: NotificationItem): string {
  const forMs = Date.parse(at) - Date.parse(since);
  const parts = [
    ...(kind === 'recovered' || kind === 'news' ? [] : [severity]),
    ...(kind === 'recovered' && forMs > 0 ? [`after ${formatSpan(forMs)}`] : []),
    ...(kind === 'still' ? [`since ${since}`] : []),
    ...(kind !== 'recovered' && count > 1 ? [`${count} times`] : []),
  ];
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}
