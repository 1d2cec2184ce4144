import type { Failure } from '../../../lib/failure.ts';
import { wipeGuardOf } from '../../../plan/guards/guard.ts';
import type { Change, PlanSummary } from '../../../plan/model/plan.ts';
import type { PlanTarget } from '../../../api/contract/wire/plan.ts';
import type { ProjectSource } from '../../../spec/types.ts';
import type { TargetPlan, TargetScope } from '../../model/target.ts';
import { podsOf, type AppObjects } from './app-objects.ts';
import { basisOf } from './basis.ts';
import { changeOf } from './change.ts';
import { withoutSecrets } from './differences.ts';
import { at } from './fields.ts';
import { wanted, type LiveObject } from './live-object.ts';
import type { LookedAt } from './look-at.ts';
import { appObjects } from './project-objects.ts';

/** Where a plan is of. */
export type PlannedAt = Omit<PlanTarget, 'name'>;

/** What was found of one project, and the files that declare it. */
export interface FoundProject extends LookedAt {
  readonly source: ProjectSource;
}

export interface KubernetesPlan extends TargetPlan {
  readonly apps: readonly AppObjects[];
}

/** What applying the files would do. Pure. */
export function planDocument(
  projects: readonly FoundProject[],
  scope: TargetScope,
  place: PlannedAt,
): KubernetesPlan {
  const apps = projects.flatMap((project) => appObjects(project, scope));
  const changes = apps.map(changeOf);
  const autoscaled = new Set(projects.flatMap((project) => [...project.autoscaled]));
  const basis = basisOf(
    apps,
    projects.flatMap(({ declared }) => declared),
    autoscaled,
  );
  const { allowWipe, prune, only, forceConflicts } = scope;
  const conflicts = projects.flatMap((project) => project.conflicts);
  return {
    document: {
      formatVersion: 1,
      kind: 'Plan',
      target: { name: 'kubernetes', ...place },
      projects: projects.map(({ project, source }) => ({
        ...{ project, revisionBefore: null, revisionAfter: 0, source },
        notes: notesOf(project, apps, autoscaled),
      })),
      options: {
        ...{ prune, only },
        ...(allowWipe && { allowWipe: true as const }),
        ...(forceConflicts && { forceConflicts: true as const }),
      },
      changes,
      holds: [],
      summary: summaryOf(changes),
      fingerprint: basis.fingerprint,
      basis,
      guard: conflictOf(conflicts) ?? (allowWipe ? null : wipeGuardOf(changes, guarded(apps))),
    },
    sides: apps
      .filter(({ key }) => changes.some(({ app, kind }) => app === key && kind !== 'unchanged'))
      .map(({ key, spec, compared, stale }) => {
        const live = [...compared.flatMap((one) => one.live ?? []), ...stale];
        return {
          app: key,
          live: live.length === 0 ? null : live.map(shown),
          declared: spec === null ? null : compared.map(({ after }) => shown(after)),
        };
      }),
    apps,
  };
}

function shown(object: LiveObject): unknown {
  return withoutSecrets([], wanted(object));
}

/** Several objects in one failure: whoever wants one of them taken over is told of all. */
function conflictOf(conflicts: readonly Failure[]): Failure | null {
  const [first, ...others] = conflicts;
  if (first === undefined || others.length === 0) return first ?? null;
  return {
    ...first,
    details: [
      ...(first.details ?? []),
      ...others.flatMap(({ message, details = [] }) => [message, ...details]),
    ],
  };
}

function guarded(apps: readonly AppObjects[]): Parameters<typeof wipeGuardOf>[1] {
  const there = apps
    .map(({ key, compared, stale }) => ({
      key,
      objects: [...compared.flatMap(({ live }) => live ?? []), ...stale],
    }))
    .filter(({ objects }) => objects.length > 0);
  return {
    accepted: there.map(({ key, objects }) => ({
      key,
      protect: objects.some(
        (object) => at(object, 'metadata', 'annotations', 'stateward.dev/protect') === 'true',
      ),
    })),
    running: new Set(
      there.filter(({ objects }) => objects.some((one) => podsOf(one) > 0)).map(({ key }) => key),
    ),
  };
}

function notesOf(
  project: string,
  apps: readonly AppObjects[],
  autoscaled: ReadonlySet<string>,
): readonly string[] {
  return apps.flatMap(({ key, compared }) =>
    compared.flatMap(({ object, live }) =>
      key.startsWith(`${project}/`) &&
      live !== null &&
      autoscaled.has(`${object.kind}/${object.metadata.name}`)
        ? [`the number of instances of ${key.slice(project.length + 1)} is left to its autoscaler`]
        : [],
    ),
  );
}

function summaryOf(changes: readonly Change[]): PlanSummary {
  const of = (kind: Change['kind']): number => changes.filter((change) => change.kind === kind).length;
  const touches = changes.reduce((sum, change) => sum + change.touches, 0);
  const pods = changes.reduce(
    (sum, change) => sum + Math.max(change.instancesBefore, change.instancesAfter),
    0,
  );
  const run = of('run');
  return {
    ...{ create: of('create'), scale: of('scale'), live: of('live'), roll: of('roll') },
    ...{ start: 0, stop: 0, restart: 0, remove: of('remove'), unchanged: of('unchanged') },
    ...(run > 0 && { run }),
    processesTouched: touches,
    processesUntouched: Math.max(0, pods - touches),
  };
}
