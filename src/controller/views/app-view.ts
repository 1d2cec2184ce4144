import { saidBy } from './instance/said-by.ts';
import type { Driver } from '../../driver/driver.ts';
import type { App, AppStatus, InstanceStatus } from '../../api/contract/wire/apps.ts';
import { toRfc3339, viewHold, viewOverride } from './wire-values.ts';
import { splitAppKey, type AppKey } from '../../lib/app-key.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import type { Condition, SyncStatus } from '../../plan/model/health.ts';
import type { HookRecord } from '../../plan/model/hooks.ts';
import type { ObservedHook, ObservedInstance, SlotHistory } from '../../plan/model/observed.ts';
import { effectiveInstances, specFor } from '../../plan/slots/effective.ts';
import { lostPromises } from '../../plan/explain/promises.ts';
import { isReady } from '../../plan/slots/readiness.ts';
import type { PublishedStatus } from '../../reconcile/status-table.ts';
import { attentionOf } from './attention.ts';
import { shownExitReason } from './instance/exit-reason.ts';
import { viewHookRuns } from './instance/hook-view.ts';
import { viewCode } from './code-view.ts';
import { viewDrift } from './drift/drift-view.ts';
import { viewPorts } from './instance/port-view.ts';
import { viewReload, viewRollout } from './rollout-view.ts';
import { viewSchedule } from './schedule-view.ts';
import { viewFigures, type SaidSources } from './instance/figures-view.ts';
import { viewUsage } from './instance/usage-view.ts';
import { redactLabels } from '../../spec/secrets/redact.ts';
import type { AppSpec } from '../../spec/types.ts';
import type { ProbeView } from '../../triggers/probes/probes.ts';
import type { UsageSample } from '../../triggers/usage/sample-usage.ts';

/** Everything that is known about one app, before it is put into the shape of the API. */
export interface AppFacts extends SaidSources {
  readonly app: DesiredApp;
  readonly createdAt: number;
  readonly status: PublishedStatus | undefined;
  readonly instances: readonly ObservedInstance[];
  readonly history: readonly SlotHistory[];
  /** Processes that run its hooks, and the runs on record; absent: none. */
  readonly hooks?: readonly ObservedHook[];
  readonly hookRecords?: readonly HookRecord[];
  readonly usage: ReadonlyMap<number, UsageSample>;
  /** Where the processes listen, by pid; absent: nobody has asked. */
  readonly ports?: ReadonlyMap<number, readonly number[]> | undefined;
  /** Epoch milliseconds; null: no schedule, or stopped. */
  readonly nextRun: number | null;
  readonly idOf: (key: AppKey, slot: number) => number;
  readonly logFilesOf: Driver['logFiles'];
  /** Leave out what a table does not show. */
  readonly brief: boolean;
  /** The probes of a process. */
  readonly probesOf: (nonce: string) => readonly ProbeView[];
}

/** An app as the API shows it; the spec as the caller wants it shown. */
export function viewApp(facts: AppFacts, spec: AppSpec | null): App {
  const { app, createdAt, brief } = facts;
  return {
    project: app.project,
    name: app.spec.name,
    namespace: app.spec.namespace,
    labels: redactLabels(app.spec),
    createdAt: toRfc3339(createdAt),
    spec,
    status: viewStatus(facts),
    logs: brief ? { out: null, error: null } : logFiles(facts, 0),
  };
}

/** An app that is no longer desired and still has processes: it has no spec and no numbers, only a state. */
export function viewLeaving(
  key: AppKey,
  { health, holds, assessedGeneration }: PublishedStatus,
  instances: readonly ObservedInstance[],
): App {
  const { project, name } = splitAppKey(key);
  return {
    project,
    name,
    createdAt: toRfc3339(Math.min(...instances.map(({ startedAt }) => startedAt))),
    spec: null,
    status: {
      sync: health.sync,
      health: health.health,
      generation: assessedGeneration,
      observedGeneration: 0,
      assessedGeneration,
      revision: Math.max(0, ...instances.map(({ revision }) => revision)),
      desiredInstances: 0,
      readyInstances: 0,
      conditions: [],
      override: null,
      holds: holds.map(viewHold),
      instances: [],
    },
    logs: { out: null, error: null },
  };
}

function logFiles({ app, logFilesOf }: AppFacts, slot: number): App['logs'] {
  const { outFile, errorFile } = logFilesOf(app, slot);
  return { out: outFile, error: errorFile };
}

function viewStatus(facts: AppFacts): AppStatus {
  const { app, status, brief } = facts;
  const health = status?.health;
  return {
    sync: status === undefined ? 'Unknown' : syncOf(status),
    health: health?.health ?? 'Missing',
    generation: app.generation,
    observedGeneration: status?.observedGeneration ?? 0,
    assessedGeneration: status?.assessedGeneration ?? 0,
    revision: app.revision,
    desiredInstances: health?.desiredInstances ?? app.spec.instances,
    readyInstances: health?.readyInstances ?? 0,
    conditions: (brief ? [] : (health?.conditions ?? [])).map((condition) => ({
      ...syncedOf(condition, status),
      lastTransitionTime: toRfc3339(status?.conditionSince[condition.type] ?? 0),
    })),
    ...viewProblems(status),
    ...viewDrift(app, status),
    ...viewAttention(status),
    override: app.override && viewOverride(app.override),
    holds: (status?.holds ?? []).map(viewHold),
    instances: viewInstances(facts, health?.desiredInstances ?? app.spec.instances),
    rollout: viewRollout(app, facts.instances, health?.desiredInstances ?? app.spec.instances),
    ...viewReload(app),
    ...viewSchedule(facts),
    ...viewHooks(facts),
  };
}

/**
 * Code is part of what is compared, and so is what the source of an app declares: where they differ, it is not what is
 * declared, though nothing acts on it.
 */
export function syncOf(status: PublishedStatus): SyncStatus {
  const { sync } = status.health;
  return differing(status) !== undefined && sync === 'Synced' ? 'OutOfSync' : sync;
}

function differing({ health: { conditions } }: PublishedStatus): Condition | undefined {
  const isCompared = ({ type }: Condition): boolean => type === 'AsDeclared' || type === 'Code';
  return conditions.find((condition) => isCompared(condition) && condition.status === 'False');
}

/** The condition Synced agrees with the word. */
function syncedOf(condition: Condition, status: PublishedStatus | undefined): Condition {
  const other = status === undefined ? undefined : differing(status);
  if (condition.type !== 'Synced' || condition.status !== 'True' || other === undefined) return condition;
  return { ...other, type: 'Synced' };
}

function viewProblems(status: PublishedStatus | undefined): Pick<AppStatus, 'problems'> {
  const problems = status === undefined ? [] : problemsOf(status);
  return problems.length === 0 ? {} : { problems };
}

function viewAttention(status: PublishedStatus | undefined): Pick<AppStatus, 'why'> {
  const why = status === undefined ? null : attentionOf(status);
  return why === null ? {} : { why };
}

function viewHooks({ hooks = [], hookRecords = [], brief }: AppFacts): Pick<AppStatus, 'hooks'> {
  const runs = brief ? [] : viewHookRuns(hooks, hookRecords);
  return runs.length === 0 ? {} : { hooks: runs };
}

/** The promises to an app that are lost. */
export function problemsOf({ health, conditionSince }: PublishedStatus): NonNullable<AppStatus['problems']> {
  return lostPromises(health.conditions).map(({ type, reason, message }) => ({
    type,
    reason,
    message,
    since: toRfc3339(conditionSince[type] ?? 0),
  }));
}

/**
 * One line a slot that is declared, wanted or in use (an app that is stopped, or a job at rest, still has its numbers and
 * last exits); two while an old process leaves a slot that a new one is in.
 */
function viewInstances(facts: AppFacts, wanted: number): readonly InstanceStatus[] {
  const live = facts.instances.filter(({ state }) => state !== 'exited');
  const used = new Set(live.map(({ slot }) => slot));
  const rows = live.map((instance) => viewInstance(facts, instance.slot, instance));
  const { spec, override } = facts.app;
  const shown = Math.max(wanted, effectiveInstances(spec, override));
  for (let slot = 0; slot < shown; slot++) {
    if (!used.has(slot)) rows.push(viewInstance(facts, slot, undefined));
  }
  return rows.sort((a, b) => a.slot - b.slot || age(b) - age(a));
}

/** The process that leaves a slot comes before its successor. */
function age({ startedAt }: InstanceStatus): number {
  return startedAt === null ? 0 : -Date.parse(startedAt);
}

function viewInstance(facts: AppFacts, slot: number, instance: ObservedInstance | undefined): InstanceStatus {
  const history = facts.history.find((entry) => entry.slot === slot);
  const lastExit = history?.lastExit ?? null;
  const pid = instance?.pid ?? null;
  const ports = pid === null ? undefined : facts.ports?.get(pid);
  return {
    id: facts.idOf(facts.app.key, slot),
    slot,
    pid,
    state: instance?.state ?? (lastExit === null ? 'waiting' : 'exited'),
    probes:
      instance === undefined
        ? []
        : facts.probesOf(instance.nonce).map((probe) => ({ ...probe, since: toRfc3339(probe.since) })),
    ready: instance !== undefined && isReady(instance, specFor(instance, facts.app)),
    restarts: history?.restarts ?? 0,
    restartsByReason: history?.restartsByReason ?? {},
    lastRestartAt: history?.lastRestartAt === undefined ? null : toRfc3339(history.lastRestartAt),
    ...(instance !== undefined && { code: instance.code === undefined ? null : viewCode(instance.code) }),
    startedAt: instance === undefined ? null : toRfc3339(instance.startedAt),
    ...(instance !== undefined && { revision: instance.revision }),
    ...(!facts.brief && { logs: logFiles(facts, slot) }),
    ...(ports !== undefined && { ports }),
    ...viewPorts(facts.app, slot, instance),
    ...(instance?.sockets !== undefined && { sockets: instance.sockets }),
    ...viewFigures(instance, facts),
    ...viewUsage(pid === null ? undefined : facts.usage.get(pid)),
    ...saidBy(instance),
    ...(instance?.accepting === false && { accepting: false as const }),
    ...(instance?.foundByMark === true && { foundByMark: true as const }),
    lastExit: lastExit && {
      code: lastExit.code,
      signal: lastExit.signal,
      reason: shownExitReason(lastExit),
      at: toRfc3339(lastExit.at),
      error: lastExit.error,
      ...(lastExit.note !== undefined && { note: lastExit.note }),
    },
  };
}
