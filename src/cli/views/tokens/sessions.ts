import type { SessionInfo } from '../../../api/contract/wire/access/sessions.ts';
import { formatAge } from '../text/quantities.ts';
import { renderTable } from '../text/table.ts';
import { escapeControls } from '../text/text.ts';
import { SHOWN_ID, type TokenViewOptions } from './list.ts';

/** The table of `session list`: one line a browser. */
export function renderSessions(sessions: readonly SessionInfo[], { style, nowMs }: TokenViewOptions): string {
  if (sessions.length === 0) return '';
  const age = (at: string): string => formatAge(Math.max(0, nowMs - Date.parse(at)));
  const left = (at: string): string => formatAge(Math.max(0, Date.parse(at) - nowMs));
  return renderTable(
    ['ID', 'NAME', 'ACCESS', 'FROM', 'SINCE', 'LAST USED', 'ENDS', 'AT THE LATEST'],
    sessions.map((session) => [
      { text: session.id.slice(0, SHOWN_ID) },
      { text: escapeControls(session.name, false), paint: style.bold },
      { text: session.access, ...(session.access === 'write' && { paint: style.yellow }) },
      { text: session.from },
      { text: `${age(session.createdAt)} ago` },
      { text: `${age(session.lastUsedAt)} ago` },
      { text: `in ${left(session.endsAt)} unused` },
      { text: `in ${left(session.expiresAt)}` },
    ]),
  );
}

/** What `session delete` says: a line for each that it has ended. */
export function renderEnded(sessions: readonly SessionInfo[]): string {
  return sessions
    .map(({ id, name }) => `${id.slice(0, SHOWN_ID)}  ${escapeControls(name, false)}  ended\n`)
    .join('');
}
