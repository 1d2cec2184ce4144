import type { Failure } from '../../lib/failure.ts';
import type { AppKey } from '../../lib/app-key.ts';
import { runningInstances } from '../explain/changes.ts';
import { hasEnded } from '../slots/readiness.ts';
import type { Observed } from '../model/observed.ts';
import type { Change } from '../model/plan.ts';

/** Below this many running apps, losing more than half of them is everyday work. */
const FEW_APPS = 4;
/** Below this many apps, all of them getting other names is everyday work. */
const FEW_NAMES = 3;
const HINT = 'check the file and --env; to remove them all the same, repeat with --allow-wipe';

export interface GuardOptions {
  readonly allowWipe: boolean;
}

/** What is there before a plan is carried out, wherever it runs. */
export interface GuardedApps {
  /** Apps that are declared there now. */
  readonly accepted: readonly { readonly key: AppKey; readonly protect: boolean }[];
  /** Those that run. */
  readonly running: ReadonlySet<AppKey>;
}

/**
 * Refuses a plan that looks like a mistake: one that removes a protected app (PROTECTED), that leaves a project without
 * any of its apps, that removes all of 3 or more apps of a project whatever replaces them, or that removes more than half
 * of the running apps when at least 4 run (WIPE_GUARD).
 * `changes` is the whole plan, unchanged apps included. null: no objection.
 */
export function wipeGuard(
  changes: readonly Change[],
  observed: Observed,
  options: GuardOptions,
): Failure | null {
  return options.allowWipe ? null : wipeGuardOf(changes, guardedApps(observed));
}

/** The same for apps that run elsewhere than on this host. */
export function wipeGuardOf(changes: readonly Change[], apps: GuardedApps): Failure | null {
  return protectedApps(changes, apps) ?? emptiedProject(changes, apps) ?? mostRunningApps(changes, apps);
}

/** Only the part about `protect: true`: for verbs that name each app, where removing the last one is intended. */
export function protectGuard(
  changes: readonly Change[],
  observed: Observed,
  options: GuardOptions,
): Failure | null {
  return options.allowWipe ? null : protectedApps(changes, guardedApps(observed));
}

function guardedApps(observed: Observed): GuardedApps {
  return {
    accepted: observed.accepted.map(({ key, spec }) => ({ key, protect: spec.protect })),
    running: runningApps(observed),
  };
}

function protectedApps(changes: readonly Change[], { accepted }: GuardedApps): Failure | null {
  const removed = removedKeys(changes);
  const kept = accepted.filter(({ key, protect }) => protect && removed.has(key)).map(({ key }) => key);
  if (kept.length === 0) return null;
  return {
    code: 'PROTECTED',
    message: `cannot remove ${kept.sort().join(', ')}: protect is set`,
    hint: 'set protect: false and apply that first, or repeat with --allow-wipe',
    details: kept,
  };
}

function emptiedProject(changes: readonly Change[], { accepted }: GuardedApps): Failure | null {
  const removed = removedKeys(changes);
  const had = new Set(accepted.map(({ key }) => projectOf(key)));
  const created = new Set(changes.filter(({ kind }) => kind === 'create').map(({ app }) => app));
  const removedOf = (project: string): readonly AppKey[] =>
    [...removed].filter((key) => projectOf(key) === project).sort();
  const isEmptied = (project: string): boolean => {
    const { length } = removedOf(project);
    const others = changes.filter(({ app }) => projectOf(app) === project && !removed.has(app));
    return (
      length > 0 &&
      (others.length === 0 || (length >= FEW_NAMES && others.every(({ app }) => created.has(app))))
    );
  };
  const [first] = [...had].filter(isEmptied).sort();
  if (first === undefined) return null;
  const apps = removedOf(first);
  const comes = changes.filter(({ app }) => projectOf(app) === first && created.has(app)).length;
  const instead = comes === 0 ? '' : `; ${comes} that come new do not count`;
  return {
    code: 'WIPE_GUARD',
    message: `cannot apply: it would remove every app of project ${first} (${apps.length} of ${apps.length}${instead})`,
    hint: HINT,
    details: apps,
  };
}

function mostRunningApps(changes: readonly Change[], { running }: GuardedApps): Failure | null {
  const removed = [...removedKeys(changes)].filter((key) => running.has(key)).sort();
  if (running.size < FEW_APPS || removed.length * 2 <= running.size) return null;
  const projects = [...new Set([...running].map(projectOf))].sort().join(', ');
  return {
    code: 'WIPE_GUARD',
    message: `cannot apply: it would remove ${removed.length} of ${running.size} running apps of ${projects}, more than half`,
    hint: HINT,
    details: removed,
  };
}

/** What runs, or what should run when the processes are not known. */
function runningApps(observed: Observed): ReadonlySet<AppKey> {
  if (observed.reachable)
    return new Set(observed.instances.filter((instance) => !hasEnded(instance)).map(({ key }) => key));
  return new Set(observed.accepted.filter((app) => runningInstances(app) > 0).map(({ key }) => key));
}

function removedKeys(changes: readonly Change[]): ReadonlySet<AppKey> {
  return new Set(changes.filter(({ kind }) => kind === 'remove').map(({ app }) => app));
}

function projectOf(key: AppKey): string {
  return key.slice(0, key.indexOf('/'));
}
