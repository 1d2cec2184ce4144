import type { EventInfo } from '../../../api/contract/wire/events.ts';
import type { Style } from '../text/terminal.ts';
import { escapeControls, padEnd } from '../text/text.ts';

const LEVEL_WIDTH = 'warning'.length;

/** One line an event: time, level, app with slot, reason, message. */
export function renderEvents(events: readonly EventInfo[], style: Style): string {
  return events.map((event) => renderEvent(event, style)).join('');
}

export function renderEvent(event: EventInfo, style: Style): string {
  const subject = event.key === null ? '-' : `${event.key}${event.slot === null ? '' : `:${event.slot}`}`;
  const level = paintLevel(event.level, style)(padEnd(event.level, LEVEL_WIDTH));
  return `${style.dim(event.at)}  ${level}  ${subject}  ${event.reason}: ${escapeControls(event.message, false)}\n`;
}

function paintLevel(level: EventInfo['level'], style: Style): (text: string) => string {
  switch (level) {
    case 'error':
      return style.red;
    case 'warning':
      return style.yellow;
    case 'info':
      return style.dim;
    default:
      // A newer daemon may know more levels than this command.
      return (text) => text;
  }
}
