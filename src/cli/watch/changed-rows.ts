import type { App, AppList } from '../../api/contract/wire/apps.ts';
import { appKey, type AppKey } from '../../lib/app-key.ts';
import { renderApps, type AppTableOptions } from '../views/apps/app-table.ts';

/** What is printed of the next list of a watch. */
export interface ChangedRows {
  /** The whole table of the first list; of the others the rows that have changed. */
  readonly text: string;
  /** Apps that are not listed any more. */
  readonly gone: readonly AppKey[];
}

/**
 * `get -w` without a terminal: the table, and from then on a line for each real change. What a process uses at the moment,
 * and times that pass, are none.
 */
export function changedRows(options: AppTableOptions): (list: AppList) => ChangedRows {
  let known: ReadonlyMap<AppKey, string> | null = null;
  let told: ReadonlySet<string> = new Set();
  return (list) => {
    const before = known;
    known = new Map(list.items.map((app) => [appKey(app.project, app.name), telling(app)]));
    const { headers, rows, problems } = tableParts(list, options);
    const fresh = problems.filter((line) => !told.has(line));
    told = new Set(problems);
    const changed = list.items.flatMap((app, at) => {
      const key = appKey(app.project, app.name);
      return before?.get(key) === known?.get(key) ? [] : (rows[at] ?? []);
    });
    const lines = [...(before === null ? headers : []), ...changed, ...fresh];
    const gone = [...(before?.keys() ?? [])].filter((key) => known?.has(key) !== true);
    return { text: lines.map((line) => `${line}\n`).join(''), gone };
  };
}

/** What makes a change of an app one that is worth a line. */
function telling({ status }: App): string {
  const {
    sync,
    health,
    readyInstances,
    desiredInstances,
    revision,
    why,
    override,
    problems,
    drift,
    instances,
  } = status;
  const ofInstances = instances.map(({ id, pid, state, ready, restarts }) => [
    id,
    pid,
    state,
    ready,
    restarts,
  ]);
  return JSON.stringify([
    sync,
    health,
    readyInstances,
    desiredInstances,
    revision,
    why,
    override,
    problems,
    drift,
    ofInstances,
  ]);
}

interface TableParts {
  readonly headers: readonly string[];
  /** By app, in the order of the list: one line, or in the wide form one an instance. */
  readonly rows: readonly (readonly string[])[];
  readonly problems: readonly string[];
}

/** All rows are made at once, so that columns keep their places. */
function tableParts(list: AppList, options: AppTableOptions): TableParts {
  const lines = renderApps(list, { ...options, allColumns: true })
    .split('\n')
    .slice(0, -1);
  const headers = options.noHeaders ? [] : lines.splice(0, 1);
  const rows = list.items.map(({ status }) =>
    lines.splice(0, options.wide ? Math.max(1, status.instances.length) : 1),
  );
  return { headers, rows, problems: lines };
}
