import type { AppsQuery } from '../../api/contract/endpoints/queries.ts';
import { resolveSelectors } from '../../api/contract/selectors.ts';
import type { App, AppList } from '../../api/contract/wire/apps.ts';
import type { UsageHistoryList } from '../../api/contract/wire/dash/usage-history.ts';
import type { LogUsageInfo } from '../../api/contract/wire/surroundings/recorded.ts';
import type { Driver } from '../../driver/driver.ts';
import { splitAppKey, type AppKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import { ok, type Result } from '../../lib/result.ts';
import { mapPieces } from '../../lib/turns/pieces.ts';
import { inTurns } from '../../lib/turns/turns.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import type { ObservedHook, ObservedInstance } from '../../plan/model/observed.ts';
import type { PublishedStatus } from '../../reconcile/status-table.ts';
import { redactSpec } from '../../spec/secrets/redact.ts';
import type { AppSpec } from '../../spec/types.ts';
import type { Store } from '../../state/store.ts';
import type { Probes } from '../../triggers/probes/probes.ts';
import type { UsageSample } from '../../triggers/usage/sample-usage.ts';
import type { UsageTable } from '../../triggers/usage/usage-table.ts';
import { viewOrigins } from './origins-view.ts';
import { viewAppSource, withSourceHints, type SourceState } from './source-view.ts';
import type { SaidSources } from './instance/figures-view.ts';
import { viewApp, viewLeaving } from './app-view.ts';
import { catalogue } from './catalogue.ts';

/** What a list of apps is made from; without a controller, status and usage are empty. */
export interface AppSources extends SaidSources {
  readonly store: Store;
  readonly statusOf: (key: AppKey) => PublishedStatus | undefined;
  /** The apps that `statusOf` knows. */
  readonly published: () => Iterable<AppKey>;
  /** With their readiness. */
  readonly instancesOf: (key: AppKey) => readonly ObservedInstance[];
  /** Processes that run hooks; absent: there is nobody to ask. */
  readonly hooksOf?: (key: AppKey) => readonly ObservedHook[];
  /** Absent where nothing is probed. */
  readonly probes?: Pick<Probes, 'states'>;
  readonly usage: () => ReadonlyMap<number, UsageSample>;
  /** Where the processes listen, by pid; absent: nobody has asked. */
  readonly ports?: ReadonlyMap<number, readonly number[]>;
  /** What apps have written; absent: nobody has asked. */
  readonly logUsage?: ReadonlyMap<AppKey, LogUsageInfo>;
  readonly nextRun: (key: AppKey) => number | null;
  readonly logFilesOf: Driver['logFiles'];
  /** Absent: there is nobody to ask. */
  readonly stateOfSource?: SourceState;
}

/**
 * GET /v1/apps: the selected apps, sorted by key. Without a selector: all of them, and those that are no longer
 * desired and have not ended yet. Each is shown as it is when its turn comes.
 */
export async function listApps(
  query: AppsQuery,
  sources: AppSources,
  view = (app: DesiredApp): App => viewDesired(app, query, sources),
): Promise<Result<AppList, Failure>> {
  const keys = selectedKeys(query.selectors, sources.store);
  if (!keys.ok) return keys;
  const shown = sources.store
    .desired()
    .map(({ key }) => key)
    .filter((key) => keys.value?.has(key) ?? true)
    .sort();
  const views = await inTurns(
    mapPieces(shown, (key) => {
      const app = sources.store.desiredApp(key);
      return app === undefined ? null : view(app);
    }),
  );
  const items = views.filter((app) => app !== null);
  const leaving = keys.value === null ? leavingApps(sources) : [];
  return ok({ apiVersion: 'v1', kind: 'AppList', items: [...items, ...leaving] });
}

function leavingApps({ store, statusOf, published, instancesOf }: AppSources): readonly App[] {
  const desired = new Set(store.desired().map(({ key }) => key));
  const leaving = [...published()].filter((key) => !desired.has(key)).toSorted();
  return leaving.flatMap((key) => {
    const [status, instances] = [statusOf(key), instancesOf(key)];
    return status === undefined || instances.length === 0 ? [] : [viewLeaving(key, status, instances)];
  });
}

/** The apps that selectors mean; null: all, because none was given. */
export function selectedKeys(
  selectors: readonly string[],
  store: Store,
): Result<ReadonlySet<AppKey> | null, Failure> {
  if (selectors.length === 0) return ok(null);
  const resolved = resolveSelectors(selectors, catalogue(store));
  return resolved.ok ? ok(new Set(resolved.value.map(({ key }) => key))) : resolved;
}

/** One app as a query shows it. */
export function viewDesired(app: DesiredApp, { spec, detail, agents }: AppsQuery, sources: AppSources): App {
  const { store, probes, statusOf, instancesOf, usage, ports, logFilesOf } = sources;
  const { project, name } = splitAppKey(app.key);
  const { slots, hooks: hookRecords = [] } = store.history(app.key);
  const facts = {
    app,
    createdAt: store.project(project)?.apps[name]?.createdAt ?? 0,
    status: statusOf(app.key),
    instances: instancesOf(app.key),
    probesOf: (nonce: string) => probes?.states(nonce) ?? [],
    history: slots,
    hooks: sources.hooksOf?.(app.key) ?? [],
    hookRecords,
    usage: usage(),
    ...(agents === true && { figuresOf: sources.figuresOf }),
    ...((agents === true || detail !== 'brief') && { customOf: sources.customOf }),
    ports,
    nextRun: sources.nextRun(app.key),
    idOf: (key: AppKey, slot: number) => store.idOf(key, slot),
    logFilesOf,
    brief: detail === 'brief',
  };
  const record = store.project(project);
  const logUsage = sources.logUsage?.get(app.key);
  const view = {
    ...viewApp(facts, shownSpec(app.spec, spec)),
    ...(logUsage !== undefined && { logUsage }),
    ...(spec !== 'none' && detail !== 'brief' && viewOrigins(record?.readFrom?.lines?.[name])),
  };
  const { source } = viewAppSource(record, app.spec, sources.stateOfSource);
  if (source === undefined) return view;
  return { ...view, status: { ...view.status, ...withSourceHints(view.status.drift, source) }, source };
}

function shownSpec(spec: AppSpec, shown: AppsQuery['spec']): AppSpec | null {
  if (shown === 'none') return null;
  return shown === 'full' ? spec : redactSpec(spec);
}

/** GET /v1/usage-history. Fails when a selector matches nothing. */
export function usageHistory(
  selectors: readonly string[],
  { store, usage }: { readonly store: Store; readonly usage: Pick<UsageTable, 'history'> },
): Result<UsageHistoryList, Failure> {
  const keys = selectedKeys(selectors, store);
  if (!keys.ok) return keys;
  const items = store
    .desired()
    .filter(({ key }) => keys.value?.has(key) ?? true)
    .map(({ key }) => ({ ...splitAppKey(key), ...usage.history.of(key) }));
  return ok({ apiVersion: 'v1', kind: 'UsageHistoryList', periodMs: usage.history.periodMs, items });
}
