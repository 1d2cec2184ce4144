import type { App, AppList } from '../../api/contract/wire/apps.ts';
import type { EventInfo } from '../../api/contract/wire/events.ts';
import { appKey, type AppKey } from '../../lib/app-key.ts';

/** Events that a tab keeps; older ones are asked for. */
const EVENTS_KEPT = 1_000;

export type Apps = ReadonlyMap<AppKey, App>;

/** What is known after a list: a whole one is all there is, a partial one has what has changed. In the order of keys. */
export function withList(known: Apps, { items, partial, gone = [] }: AppList): Apps {
  const next = new Map(partial === true ? known : []);
  for (const key of gone) next.delete(key);
  let isNew = partial !== true;
  for (const app of items) {
    const key = appKey(app.project, app.name);
    isNew ||= !next.has(key);
    next.set(key, app);
  }
  if (!isNew) return next;
  return new Map([...next].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The newest last. One that is known already (a stream that was resumed) changes nothing. */
export function withEvents(known: readonly EventInfo[], more: readonly EventInfo[]): readonly EventInfo[] {
  const last = known.at(-1)?.seq ?? 0;
  const fresh = more.filter(({ seq }) => seq > last);
  return fresh.length === 0 ? known : [...known, ...fresh].slice(-EVENTS_KEPT);
}

/** Events from before those that are known. */
export function withOlder(known: readonly EventInfo[], older: readonly EventInfo[]): readonly EventInfo[] {
  const first = known[0]?.seq ?? Infinity;
  return [...older.filter(({ seq }) => seq < first), ...known];
}
