import type { TokenInfo } from '../../../api/contract/wire/access/tokens.ts';
import { formatAge } from '../text/quantities.ts';
import { renderTable, type Cell } from '../text/table.ts';
import type { Style } from '../text/terminal.ts';
import { escapeControls } from '../text/text.ts';

/** What is shown of an id: it is enough for `token delete` and `session delete`. */
export const SHOWN_ID = 8;

export interface TokenViewOptions {
  readonly style: Style;
  /** Epoch milliseconds, for ages. */
  readonly nowMs: number;
}

/** The table of `token list`: one line a token. */
export function renderTokens(tokens: readonly TokenInfo[], { style, nowMs }: TokenViewOptions): string {
  if (tokens.length === 0) return '';
  const ago = (at: string): string => `${formatAge(Math.max(0, nowMs - Date.parse(at)))} ago`;
  const end = ({ expiresAt, expired }: TokenInfo): Cell => {
    if (expiresAt === null) return { text: 'never' };
    if (expired) return { text: `over since ${formatAge(nowMs - Date.parse(expiresAt))}`, paint: style.red };
    return { text: `in ${formatAge(Date.parse(expiresAt) - nowMs)}` };
  };
  return renderTable(
    ['ID', 'NAME', 'ACCESS', 'CREATED', 'BY', 'LAST USED', 'EXPIRES', 'BROWSERS'],
    tokens.map((token) => [
      { text: token.id.slice(0, SHOWN_ID) },
      { text: token.name, paint: style.bold },
      { text: token.access, ...(token.access === 'write' && { paint: style.yellow }) },
      { text: ago(token.createdAt) },
      { text: escapeControls(token.createdBy, false) },
      { text: token.lastUsedAt === null ? 'never' : ago(token.lastUsedAt) },
      end(token),
      { text: String(token.sessions) },
    ]),
  );
}
