import type { AppsQuery } from '../../api/contract/endpoints/queries.ts';
import type { App, AppList } from '../../api/contract/wire/apps.ts';
import type { Custom } from '../custom/custom.ts';
import type { AppKey } from '../../lib/app-key.ts';
import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import type { Failure } from '../../lib/failure.ts';
import { ok, type Result } from '../../lib/result.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import type { StatusTable } from '../../reconcile/status-table.ts';
import type { AgentFiguresTable } from '../../triggers/usage/agent-figures.ts';
import type { UsageTable } from '../../triggers/usage/usage-table.ts';
import { partialLists } from './partial-lists.ts';
import type { UsageSample } from '../../triggers/usage/sample-usage.ts';
import { listApps, selectedKeys, viewDesired, type AppSources } from './app-queries.ts';
import { viewUsage } from './instance/usage-view.ts';

export interface WatchAppsOptions {
  readonly status: Pick<StatusTable, 'subscribe'>;
  /** Rounds of samples of what processes use. */
  readonly usage: Pick<UsageTable, 'subscribe'>;
  /** What the agents measure while somebody looks. */
  readonly agents: Pick<AgentFiguresTable, 'look'>;
  /** What apps report and offer by their messages. */
  readonly custom: Pick<Custom, 'onChange'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * GET /v1/apps with `watch`: the list now, and again after changes. Fails when a selector matches nothing.
 */
export function watchApps(
  query: AppsQuery,
  sources: AppSources,
  { status, usage, agents, custom, clock, signal }: WatchAppsOptions,
): Result<AsyncGenerator<AppList>, Failure> {
  const selected = selectedKeys(query.selectors, sources.store);
  if (!selected.ok) return selected;
  const views = new AppViews(query, sources);
  const list = async (): Promise<AppList> => {
    const next = await listApps(query, sources, (app) => views.view(app));
    // The selectors matched when the watch began; what they meant is gone now.
    return next.ok ? next.value : { apiVersion: 'v1', kind: 'AppList', items: [] };
  };
  const subscribe = (listener: () => void): Cancel => {
    const ends = [
      status.subscribe((key) => {
        views.drop(key);
        listener();
      }),
      ...(query.usage === true ? [usage.subscribe(listener)] : []),
      // Seen with the next round of samples.
      ...(query.agents === true ? [agents.look((key) => views.drop(key))] : []),
      ...(query.agents === true || query.detail !== 'brief'
        ? [custom.onChange((key) => views.drop(key))]
        : []),
    ];
    return () => {
      for (const end of ends) end();
    };
  };
  const lists = watchLists({ list, subscribe, clock, signal });
  return ok(query.partial === true ? partialLists(lists) : lists);
}

interface KnownView {
  readonly app: DesiredApp;
  readonly usage: ReadonlyMap<number, UsageSample>;
  readonly view: App;
}

/**
 * Apps as one query shows them. An app is viewed again when its desired state has changed, when it was dropped, and when
 * what it uses is shown otherwise since the newest round of samples.
 */
class AppViews {
  readonly #query: AppsQuery;
  readonly #sources: AppSources;
  readonly #known = new Map<AppKey, KnownView>();

  constructor(query: AppsQuery, sources: AppSources) {
    this.#query = query;
    this.#sources = sources;
  }

  /** Something about the app has changed that its desired state does not show. */
  drop(key: AppKey): void {
    this.#known.delete(key);
  }

  view(app: DesiredApp): App {
    const usage = this.#sources.usage();
    const known = this.#known.get(app.key);
    if (known?.app === app && (known.usage === usage || isShownAs(known.view, usage))) return known.view;
    const view = viewDesired(app, this.#query, this.#sources);
    this.#known.set(app.key, { app, usage, view });
    return view;
  }
}

/** Most apps of a host are idle: their figures stay, round by round. */
function isShownAs({ status }: App, usage: ReadonlyMap<number, UsageSample>): boolean {
  return status.instances.every(({ pid, cpuPercent, memoryBytes }) => {
    const shown = viewUsage(pid === null ? undefined : usage.get(pid));
    return shown.cpuPercent === cpuPercent && shown.memoryBytes === memoryBytes;
  });
}

/** Changes within this time make one list: a hundred starting apps are a few lists, not hundreds. */
const MERGE_MS = 50;
/** Where lists are long, changes within so many times what one takes make one: a start of thousands has better to do. */
const MERGE_TIMES = 4;
const MAX_MERGE_MS = 1_000;

export interface WatchOptions {
  readonly list: () => Promise<AppList>;
  /** Calls back after every change until the returned function is called. */
  readonly subscribe: (listener: () => void) => Cancel;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** One list now, and one after changes, until the signal fires. */
export async function* watchLists({ list, subscribe, clock, signal }: WatchOptions): AsyncGenerator<AppList> {
  let changed = true;
  let wake: (() => void) | undefined;
  const unsubscribe = subscribe(() => {
    changed = true;
    wake?.();
  });
  const onAbort = (): void => wake?.();
  signal.addEventListener('abort', onAbort);
  try {
    for (;;) {
      if (!changed && !signal.aborted) await new Promise<void>((resolve) => (wake = resolve));
      if (signal.aborted) return;
      changed = false;
      const begun = clock.monotonic();
      yield await list();
      const took = clock.monotonic() - begun;
      const merge = Math.min(MAX_MERGE_MS, Math.max(MERGE_MS, took * MERGE_TIMES));
      await new Promise<void>((resolve) => clock.after(merge, resolve));
    }
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', onAbort);
  }
}
