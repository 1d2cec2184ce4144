import type { App, AppList } from '../../api/contract/wire/apps.ts';
import { fold } from '../screen/fold.ts';
import type { BlockSize } from '../screen/block.ts';
import { needsAttention } from '../views/apps/app-order.ts';
import { renderApps, type AppTableOptions } from '../views/apps/app-table.ts';
import { count } from '../views/text/quantities.ts';

/**
 * The table of `get -w` on a terminal: as many apps as there is room for, those that need somebody to look before all
 * others, and how many more there are.
 */
export function liveTable(list: AppList, options: AppTableOptions, { rows }: BlockSize): readonly string[] {
  const all = linesOf(list, options);
  if (all.length <= rows) return all;
  const foldable = list.items.map((app, at) => ({
    line: String(at),
    weight: needsAttention(app) ? ('failing' as const) : ('at-rest' as const),
  }));
  // An app can take several lines, and a lost promise one of its own: it is tried until it fits.
  for (let room = Math.min(list.items.length, rows - 2); room > 0; room -= 1) {
    const { lines, hidden } = fold(foldable, room);
    const items = lines.flatMap((at): readonly App[] => list.items.slice(Number(at), Number(at) + 1));
    const shown = linesOf({ ...list, items }, options);
    if (shown.length >= rows) continue;
    const failing = hidden.failing === 0 ? '' : `, ${hidden.failing} of them not at ease`;
    const more = count(hidden.failing + hidden['at-rest'], 'more app');
    return [...shown, options.style.dim(`… and ${more}${failing}`)];
  }
  return all.slice(0, rows);
}

function linesOf(list: AppList, options: AppTableOptions): readonly string[] {
  if (list.items.length === 0) return [options.style.dim('no apps')];
  return renderApps(list, options).split('\n').slice(0, -1);
}
