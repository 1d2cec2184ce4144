import type { AppKey } from '../../lib/app-key.ts';
import { appKey } from '../../lib/app-key.ts';
import type { AppList } from '../../api/contract/wire/apps.ts';
import type { Api } from '../session/api.ts';
import type { CliContext } from '../session/context.ts';
import { count } from '../views/text/quantities.ts';
import type { Style } from '../views/text/terminal.ts';
import { terminalWidth } from '../views/text/terminal.ts';
import { sortApps } from '../views/apps/app-order.ts';
import { renderApps } from '../views/apps/app-table.ts';

/** More are found in the list of all apps: the line of a request has its bounds. */
const SELECTED = 20;
/** More rows than a screen has tell nothing. */
const MOST_ROWS = 40;

/**
 * Shows the apps that a verb was about as `get` shows them, on stderr: what the command gives to other programs stays as
 * it is. Says nothing where there is nothing to show, or no daemon left to ask.
 */
export async function showApps(
  keys: readonly AppKey[],
  { api, context, style }: { readonly api: Api; readonly context: CliContext; readonly style: Style },
): Promise<void> {
  const wanted = new Set(keys);
  if (wanted.size === 0) return;
  const selectors = wanted.size > SELECTED ? [] : [...wanted];
  const found = await api.apps({ selectors, spec: 'none', detail: 'brief' });
  if (!found.ok) return;
  const items = found.value.items.filter(({ project, name }) => wanted.has(appKey(project, name)));
  context.streams.stderr.write(
    toldApps(
      { ...found.value, items },
      { style, nowMs: context.clock.now(), columns: terminalWidth(context.streams.stderr) },
    ),
  );
}

/** The first rows by need, and how many more there are. */
export function toldApps(
  list: AppList,
  options: { readonly style: Style; readonly nowMs: number; readonly columns: number | undefined },
): string {
  const sorted = sortApps(list.items, { key: 'health' });
  const shown = sorted.slice(0, MOST_ROWS);
  const table = renderApps({ ...list, items: shown }, { ...options, noHeaders: false, wide: false });
  const left = sorted.length - shown.length;
  return left === 0 ? table : `${table}and ${count(left, 'more app')}: stateward get\n`;
}
