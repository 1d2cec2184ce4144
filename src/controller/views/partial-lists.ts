import type { App, AppList } from '../../api/contract/wire/apps.ts';
import { appKey, type AppKey } from '../../lib/app-key.ts';
import { loopTurns } from '../../lib/turns/turns.ts';

/** The first list as it is; of each further one what has changed since, and nothing where nothing has. */
export async function* partialLists(lists: AsyncIterable<AppList>): AsyncGenerator<AppList> {
  let known: ReadonlyMap<AppKey, Sent> | null = null;
  for await (const list of lists) {
    const before: ReadonlyMap<AppKey, Sent> | null = known;
    const next = new Map<AppKey, Sent>();
    const changed: App[] = [];
    for (const app of list.items) {
      const key = appKey(app.project, app.name);
      const last = before?.get(key);
      // What is kept of an app is the same object while nothing can have changed.
      const sent = last?.app === app ? last : { app, text: JSON.stringify(app) };
      next.set(key, sent);
      if (last?.text !== sent.text) changed.push(app);
      if (loopTurns.isOver) await loopTurns.next();
    }
    known = next;
    if (before === null) {
      yield list;
      continue;
    }
    const gone = [...before.keys()].filter((key) => !next.has(key));
    if (changed.length > 0 || gone.length > 0) yield { ...list, items: changed, partial: true, gone };
  }
}

interface Sent {
  readonly app: App;
  readonly text: string;
}
