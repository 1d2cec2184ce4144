import { leftOutText } from '../model/title.ts';
import type { Notification } from './notification.ts';
import { detailOf, oneLine } from './text.ts';

/** As much as Slack shows of one text, well below what it refuses. */
const MAX_TEXT = 3_000;

/** The body of an incoming webhook, in the form that everybody takes who calls it that: one text. */
export function slackBody(notification: Notification): { readonly text: string } {
  const { host, title, items, leftOut } = notification;
  const more = leftOutText(leftOut);
  const lines = [
    `*${escaped(oneLine(`[${host}] ${title}`))}*`,
    ...items.map((item) => {
      const head = items.length === 1 ? '' : `*${escaped(oneLine(item.title))}*`;
      return `• ${head}${escaped(detailOf(item))} ${escaped(oneLine(item.message))}`;
    }),
    ...(more === null ? [] : [escaped(more)]),
  ];
  const text = lines.join('\n');
  return { text: text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text };
}

/** What would be a link, or call people (`<!channel>`), is text. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
