import { ownValue } from '../lib/collections.ts';
import { appKey, type AppKey } from '../lib/app-key.ts';
import type { Cancel, Clock } from '../lib/clocks/clock.ts';
import type { Driver } from '../driver/driver.ts';
import { isUpToDate, runMode } from '../plan/slots/effective.ts';
import type { DesiredApp } from '../plan/model/desired.ts';
import { dependencyEdges } from '../spec/dependencies.ts';
import type { StatusTable } from '../reconcile/status-table.ts';
import { appRecord } from '../state/desired/desired.ts';
import type { Store } from '../state/store.ts';
import type { DependencyMarks } from '../state/model/types.ts';
import type { Trigger, TriggerOutlet } from './trigger.ts';

/** The process in a slot, or the one that completed there. */
export interface SettledProcess {
  readonly nonce: string;
  /** Epoch milliseconds at which it was started; of a completed one, at which it ended. */
  readonly at: number;
}

export interface DependencyRestartsOptions {
  readonly outlet: TriggerOutlet;
  readonly clock: Clock;
  /** What a converged app runs, by slot; null: it has not converged, or is not to run. */
  readonly settled: (key: AppKey) => Readonly<Record<string, SettledProcess>> | null;
  /** When the up-to-date processes of an app were started, epoch milliseconds. */
  readonly startsOf: (app: DesiredApp) => readonly number[];
  readonly marksOf: (key: AppKey) => DependencyMarks;
  /** Records the marks without a restart. */
  readonly markSeen: (key: AppKey, marks: DependencyMarks) => void;
  /** Calls back when an app may have converged, until the returned function is called. */
  readonly subscribe: (listener: (key: AppKey) => void) => Cancel;
}

/** A write that has not shown by then has failed, and is tried again. */
const PATIENCE_MS = 30_000;

/**
 * Edges of `depends_on` with `restart: true`. Which processes of the dependency an app has been started or restarted
 * for is on record with the app, by slot; another process in a slot that is on record is a reason to restart, once
 * the dependency has converged. A slot that is new is not: that is scaling. What the app has started since needs no
 * restart either, and what is outdated will be replaced anyhow.
 *
 *   no mark ──converged──▶ marked ──another process, converged──▶ restart asked for, marked anew (in one write)
 */
export function dependencyRestarts(options: DependencyRestartsOptions): Trigger {
  let apps: readonly DesiredApp[] = [];
  let dependents: ReadonlyMap<AppKey, readonly DesiredApp[]> = new Map();
  const asked = new Map<AppKey, { readonly marks: string; readonly at: number }>();
  const look = (app: DesiredApp): void => {
    const { next, due } = compare(app, options);
    const marks = JSON.stringify(next);
    if (marks === JSON.stringify(options.marksOf(app.key))) {
      asked.delete(app.key);
      return;
    }
    const before = asked.get(app.key);
    const now = options.clock.monotonic();
    if (before?.marks === marks && now - before.at < PATIENCE_MS) return;
    asked.set(app.key, { marks, at: now });
    if (due.length === 0) options.markSeen(app.key, next);
    else
      options.outlet.requestRestart({
        key: app.key,
        slot: null,
        reason: 'DependencyRestarted',
        detail: `${due.join(' and ')} ${due.length === 1 ? 'has' : 'have'} new processes`,
        dependencyMarks: next,
      });
  };
  const unsubscribe = options.subscribe((key) => {
    for (const app of dependents.get(key) ?? []) look(app);
  });
  return {
    sync(view) {
      if (view.apps === apps) return;
      apps = view.apps;
      dependents = restartingEdges(apps);
      const marked = apps.filter(({ key }) => Object.keys(options.marksOf(key)).length > 0);
      // An app that has lost the edge must lose its marks too: the edge would come back with an old one.
      for (const app of new Set([...[...dependents.values()].flat(), ...marked])) look(app);
    },
    close: unsubscribe,
  };
}

/** Marks as they should be now, and the names of dependencies because of which the app is due for a restart. */
function compare(
  app: DesiredApp,
  { settled, startsOf, marksOf }: DependencyRestartsOptions,
): { readonly next: DependencyMarks; readonly due: readonly string[] } {
  const marks = marksOf(app.key);
  const next: Record<string, Readonly<Record<string, string>>> = {};
  const due: string[] = [];
  for (const { name, restart } of dependencyEdges(app.spec)) {
    if (!restart) continue;
    const known = ownValue(marks, name);
    const now = settled(appKey(app.project, name));
    if (now === null) {
      if (known !== undefined) next[name] = known;
      continue;
    }
    next[name] = Object.fromEntries(Object.entries(now).map(([slot, { nonce }]) => [slot, nonce]));
    const replaced = Object.entries(now).filter(
      ([slot, { nonce }]) => known?.[slot] !== undefined && known[slot] !== nonce,
    );
    const newest = Math.max(...replaced.map(([, { at }]) => at));
    if (runMode(app.spec, app.override) !== 'stopped' && startsOf(app).some((at) => at < newest))
      due.push(name);
  }
  return { next, due };
}

/** Apps by the dependency that restarts them. Edges of a circle restart nobody, or it would never end. */
function restartingEdges(apps: readonly DesiredApp[]): ReadonlyMap<AppKey, readonly DesiredApp[]> {
  const byKey = new Map(apps.map((app) => [app.key, app]));
  const found = new Map<AppKey, DesiredApp[]>();
  for (const app of apps) {
    for (const { name, restart } of dependencyEdges(app.spec)) {
      const dependency = appKey(app.project, name);
      if (!restart || needs(dependency, app.key, byKey)) continue;
      found.set(dependency, [...(found.get(dependency) ?? []), app]);
    }
  }
  return found;
}

function needs(start: AppKey, target: AppKey, apps: ReadonlyMap<AppKey, DesiredApp>): boolean {
  const seen = new Set<AppKey>([start]);
  // A set that grows while it is walked is walked to its end.
  for (const key of seen) {
    const app = apps.get(key);
    for (const name of Object.keys(app?.spec.depends_on ?? {})) seen.add(appKey(app?.project ?? '', name));
  }
  return seen.has(target);
}

export interface DependencyTriggerOptions {
  readonly outlet: TriggerOutlet;
  readonly clock: Clock;
  readonly store: Pick<Store, 'records' | 'history' | 'commit'>;
  readonly driver: Pick<Driver, 'instancesOf'>;
  readonly status: Pick<StatusTable, 'health' | 'subscribe'>;
  /** One line for the daemon's log. */
  readonly log: (line: string) => void;
}

/** The trigger of `depends_on` with `restart: true`. */
export function dependencyTrigger(options: DependencyTriggerOptions): Trigger {
  const { outlet, clock, store, driver, status, log } = options;
  return dependencyRestarts({
    outlet,
    clock,
    settled: (key) => settledProcesses(key, options),
    startsOf: (app) =>
      driver
        .instancesOf(app.key)
        .filter((instance) => instance.state === 'running' && isUpToDate(instance, app))
        .map(({ startedAt }) => startedAt),
    marksOf: (key) => appRecord(store.records(), key)?.dependencyMarks ?? {},
    markSeen(key, dependencyMarks) {
      store.commit({ kind: 'dependencies-seen', key, dependencyMarks }).then(
        (committed) => {
          if (!committed.ok) log(`${key}: cannot record its dependencies: ${committed.error.message}`);
        },
        (error: unknown) => log(`${key}: cannot record its dependencies: ${String(error)}`),
      );
    },
    subscribe: (listener) => status.subscribe(listener),
  });
}

/**
 * What runs in the slots of an app that has converged, or ended there for good. The health can be older than the
 * table: a slot that is empty now, or holds a process that starts, is not settled.
 */
function settledProcesses(
  key: AppKey,
  { status, driver, store }: DependencyTriggerOptions,
): Readonly<Record<string, SettledProcess>> | null {
  const health = status.health(key);
  if (health?.converged !== true || health.desiredInstances === 0) return null;
  const found: Record<string, SettledProcess> = {};
  const instances = driver.instancesOf(key);
  const { slots } = store.history(key);
  for (let slot = 0; slot < health.desiredInstances; slot++) {
    const [live, ...others] = instances.filter(
      (instance) => instance.slot === slot && instance.state !== 'exited',
    );
    // One of them is being replaced by the other.
    if (others.length > 0) return null;
    const ended = slots.find((history) => history.slot === slot);
    if (live?.state === 'running') found[slot] = { nonce: live.nonce, at: live.startedAt };
    else if (live === undefined && health.health === 'Completed' && ended?.lastNonce != null)
      found[slot] = { nonce: ended.lastNonce, at: ended.lastExit?.at ?? 0 };
    else return null;
  }
  return found;
}
