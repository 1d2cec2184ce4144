import { splitAppKey, type AppKey } from '../../../lib/app-key.ts';
import type { Failure } from '../../../lib/failure.ts';
import { ok, type Result } from '../../../lib/result.ts';
import type { AppSpec } from '../../../spec/types.ts';
import type { TargetOutcome, TargetWaiting } from '../../model/target.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { isWorkload, type AppObjects } from '../live/app-objects.ts';
import { differences } from '../live/differences.ts';
import { objectKey } from '../live/live-object.ts';
import { dependents, dependencyWaves } from './dependency-waves.ts';
import { undo } from './undo.ts';
import { waitFor, type Awaited } from './wait.ts';
import type { Progress } from './progress.ts';
import { failureOf } from './failure.ts';

/** What is applied of one project: its apps, and which of them change. */
export interface ApplyingProject {
  readonly project: string;
  readonly specs: readonly AppSpec[];
  readonly apps: readonly AppObjects[];
  readonly changing: ReadonlySet<AppKey>;
}

export interface ApplyingHow extends TargetWaiting {
  readonly cluster: Cluster;
  readonly force: boolean;
  /** Of the monotonic clock. */
  readonly deadline: number;
}

/**
 * Applies the apps of a project, those that others depend on first, waits for each wave, takes back what fails, and at last
 * removes what is not declared any more, where all else went well.
 */
export async function applyApps(
  { project, specs, apps, changing }: ApplyingProject,
  how: ApplyingHow,
): Promise<Result<TargetOutcome, Failure>> {
  const done: TargetOutcome['done'][number][] = [];
  const failures: Failure[] = [];
  const failed = new Set<string>();
  const left = new Set(
    apps.flatMap(({ key, spec }) => (spec !== null && changing.has(key) ? [splitAppKey(key).name] : [])),
  );
  const byName = new Map(apps.map((app) => [splitAppKey(app.key).name, app]));
  for (const wave of dependencyWaves(specs)) {
    const held = dependents(failed, specs);
    const ready = wave
      .flatMap((name) => byName.get(name) ?? [])
      .filter(({ key }) => !held.has(splitAppKey(key).name));
    if (how.signal.aborted || performance.now() >= how.deadline) break;
    for (const app of ready.filter(({ key }) => changing.has(key))) {
      const failure = await applyObjects(app, how);
      // What the server does not take is nothing that waiting would mend: all that is left stays as it is.
      if (failure !== null) return ok({ done, failures: [...failures, withLeft(failure, left)] });
      left.delete(splitAppKey(app.key).name);
      how.said(`${app.key}: applied`);
    }
    if (!how.wait) {
      done.push(
        ...ready.filter(({ key }) => changing.has(key)).map(({ key }) => ({ app: key, what: 'applied' })),
      );
      continue;
    }
    const awaited = ready.flatMap((app) => (isAwaited(app, changing, specs) ? awaitedOf(project, app) : []));
    const ended = await waitFor(how.cluster, awaited, how);
    if (!ended.ok) return ended;
    for (const app of ready) {
      const end = ended.value.get(app.key);
      const isDone = end === undefined ? !awaited.some((one) => one.app === app.key) : end.state === 'done';
      if (isDone && changing.has(app.key)) done.push({ app: app.key, what: 'applied' });
      if (end?.state !== 'failed') continue;
      failed.add(splitAppKey(app.key).name);
      failures.push(await afterFailure(app, end, changing.has(app.key), how));
    }
    const late = awaited.filter(({ app }) => !ended.value.has(app)).map(({ app }) => app);
    if (late.length > 0) return ok({ done, failures: [...failures, unfinished(late, left, how)] });
  }
  if (left.size > 0) {
    const names = [...left].sort().map((name): AppKey => `${project}/${name}`);
    if (failures.length === 0) return ok({ done, failures: [unfinished([], left, how)] });
    how.said(`left as they were, since they depend on what has failed: ${names.join(', ')}`);
  }
  if (failures.length > 0) return ok({ done, failures });
  const pruned = await prune(apps, changing, how);
  return ok({ done: [...done, ...pruned.done], failures: pruned.failures });
}

async function applyObjects(
  { compared }: AppObjects,
  { cluster, force }: ApplyingHow,
): Promise<Failure | null> {
  for (const { object, live, after } of compared) {
    if (live !== null && differences(live, after).length === 0) continue;
    const applied = await cluster.apply(object, { dryRun: false, force });
    if (!applied.ok) return applied.error;
  }
  return null;
}

/** Whoever changes is waited for, and whoever does not where one that changes depends on it. */
function isAwaited({ key }: AppObjects, changing: ReadonlySet<AppKey>, specs: readonly AppSpec[]): boolean {
  if (changing.has(key)) return true;
  const { project, name } = splitAppKey(key);
  const waiting = dependents(new Set([name]), specs);
  return [...waiting].some((other) => changing.has(`${project}/${other}`));
}

function awaitedOf(project: string, { key, compared }: AppObjects): readonly Awaited[] {
  return compared
    .filter(({ object }) => isWorkload(object))
    .map(({ after }) => ({ app: key, project, workload: after }));
}

async function afterFailure(
  app: AppObjects,
  end: Extract<Progress, { readonly state: 'failed' }>,
  isChanged: boolean,
  how: ApplyingHow,
): Promise<Failure> {
  const workload = app.compared.find(({ object }) => isWorkload(object));
  const failure = await failureOf(app.key, end, how.cluster);
  const wasThere = isChanged && workload?.live != null && workload.object.kind !== 'Job';
  if (!wasThere) return failure;
  const rolled = { ...failure, code: 'ROLLOUT_FAILED' as const };
  const stays = app.spec?.rollout.on_failure;
  if (stays !== 'rollback') {
    return {
      ...rolled,
      hint: `it stays where it is (rollout.on_failure: ${stays ?? ''}); stateward rollback takes it back`,
    };
  }
  const undone = await undo(app, how);
  how.said(`${app.key}: ${undone.ok ? undone.value : 'could not be taken back'}`);
  if (undone.ok) return { ...rolled, message: `${rolled.message}; ${undone.value}` };
  return { ...rolled, details: [...(rolled.details ?? []), `cannot take it back: ${undone.error.message}`] };
}

/** Objects that nothing declares any more, of apps that change or go. */
async function prune(
  apps: readonly AppObjects[],
  changing: ReadonlySet<AppKey>,
  { cluster, said }: ApplyingHow,
): Promise<TargetOutcome> {
  const done: TargetOutcome['done'][number][] = [];
  for (const { key, spec, stale } of apps) {
    if (!changing.has(key)) continue;
    for (const object of stale) {
      const removed = await cluster.remove(object);
      if (!removed.ok) return { done, failures: [removed.error] };
      said(`${key}: removed ${objectKey(object)}`);
    }
    if (spec === null) done.push({ app: key, what: 'removed' });
  }
  return { done, failures: [] };
}

function withLeft(failure: Failure, left: ReadonlySet<string>): Failure {
  return left.size === 0
    ? failure
    : { ...failure, details: [...(failure.details ?? []), `not applied: ${[...left].sort().join(', ')}`] };
}

/** Interrupted, or the time is over: what was applied goes on there, whoever looks. */
function unfinished(
  late: readonly AppKey[],
  left: ReadonlySet<string>,
  { signal, timeoutMs }: ApplyingHow,
): Failure {
  const details = [
    ...(late.length > 0 ? [`applied, and not done yet: ${late.join(', ')}`] : []),
    ...(left.size > 0 ? [`not applied: ${[...left].sort().join(', ')}`] : []),
    'nothing was removed, and nothing taken back',
  ];
  const hint =
    'the cluster goes on with what was applied; stateward rollout status --target kubernetes shows it';
  return signal.aborted
    ? { code: 'INTERRUPTED', message: 'interrupted', details, hint }
    : { code: 'WAIT_TIMEOUT', message: `not done within ${Math.round(timeoutMs / 1000)} s`, details, hint };
}
