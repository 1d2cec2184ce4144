import type { Reason } from '../../../plan/model/reasons.ts';
import type { Change, ChangeRollout } from '../../../plan/model/plan.ts';
import type { FieldChange } from '../../../spec/types.ts';
import { isWorkload, podsOf, type AppObjects, type ComparedObject } from './app-objects.ts';
import { configMapsOf, differences, fieldChange, templateOf, variableChanges } from './differences.ts';
import { numberAt, textAt } from './fields.ts';
import type { LiveObject } from './live-object.ts';

/** What becomes of one app, in the words of every plan. */
export function changeOf(app: AppObjects): Change {
  const { key, compared, stale } = app;
  const workload = compared.find(({ object }) => isWorkload(object));
  const before = workload?.live ?? null;
  const [instancesBefore, instancesAfter] = [
    podsOf(before ?? stale.find(isWorkload)),
    podsOf(workload?.after),
  ];
  const of = (
    kind: Change['kind'],
    reason: Reason,
    touches: number,
    more: Partial<Pick<Change, 'fields' | 'rollout'>> = {},
  ): Change => ({ app: key, kind, reason, fields: [], instancesBefore, instancesAfter, touches, ...more });
  if (workload === undefined) return of('remove', 'RemovedFromFile', instancesBefore);
  if (before === null && stale.some(({ kind }) => kind === 'Job') && workload.object.kind === 'Job')
    return of('run', 'ReleaseChanged', instancesAfter, { fields: jobFields(app, workload) });
  // An app that becomes one of another kind: the pods of the one go, those of the other come.
  if (before === null) return of('create', 'Created', instancesAfter);
  const fields = fieldsOf(app, workload);
  const rolls = fields.some((field) => field.class === 'template');
  if (rolls)
    return of('roll', 'TemplateChanged', instancesAfter, { fields, rollout: rolloutOf(workload.after) });
  if (fields.length === 0) return of('unchanged', 'Converged', 0);
  if (!fields.some((field) => field.class === 'scale')) return of('live', 'LiveFieldsChanged', 0, { fields });
  const reason = instancesAfter > instancesBefore ? 'ScaledUp' : 'ScaledDown';
  return of('scale', reason, Math.abs(instancesAfter - instancesBefore), { fields });
}

/** Everything that differs, what forces most first. */
function fieldsOf({ compared, stale, kept }: AppObjects, workload: ComparedObject): readonly FieldChange[] {
  const variables = variablesOf(workload, [...kept, ...stale], compared);
  const others = compared.flatMap((one): readonly FieldChange[] => {
    if (one.object.kind === 'ConfigMap') return [];
    if (one.live === null) return [whole(one.object.kind, undefined, one.object.metadata.name)];
    return differences(one.live, one.after)
      .filter(({ path }) => variables.length === 0 || !path.includes('envFrom'))
      .map((difference) => fieldChange(one.object.kind, difference));
  });
  const gone = stale
    .filter(({ kind }) => kind !== 'ConfigMap')
    .map(({ kind, metadata }) => whole(kind, metadata.name, undefined));
  return [...variables, ...others, ...gone];
}

/** Variables of the pods as they are and as they would be. */
function variablesOf(
  { live, after, object }: ComparedObject,
  there: readonly LiveObject[],
  compared: readonly ComparedObject[],
): readonly FieldChange[] {
  if (live === null) return [];
  const maps = compared.filter((one) => one.object.kind === 'ConfigMap');
  const known = [...there, ...maps.flatMap((map) => map.live ?? [])];
  const named = (object: LiveObject, from: readonly LiveObject[]): readonly LiveObject[] =>
    from.filter(
      ({ kind, metadata }) =>
        kind === 'ConfigMap' && configMapsOf(templateOf(object)).includes(metadata.name),
    );
  const changes = variableChanges(
    named(live, known),
    named(
      after,
      maps.map((map) => map.after),
    ),
  );
  // What runs next time runs with them, and nothing runs now.
  return object.kind === 'CronJob' ? changes.map((change) => ({ ...change, class: 'live' })) : changes;
}

/** Another Job takes the place of the one before: what differs between the two. */
function jobFields({ stale, compared, kept }: AppObjects, workload: ComparedObject): readonly FieldChange[] {
  const newest = stale
    .filter(({ kind }) => kind === 'Job')
    .toSorted((a, b) => created(b).localeCompare(created(a)))
    .at(0);
  if (newest === undefined) return [];
  const pair = { ...workload, live: newest };
  const fields = differences(newest, workload.after)
    .filter(
      ({ path }) => path.join('.').startsWith('spec.template.spec.containers.') && !path.includes('envFrom'),
    )
    .map((difference) => fieldChange('Job', difference));
  return [...variablesOf(pair, [...kept, ...stale], compared), ...fields];
}

function created(object: LiveObject): string {
  return textAt(object, 'metadata', 'creationTimestamp') ?? '';
}

/** An object that comes or goes with its app staying. */
function whole(kind: string, before: string | undefined, after: string | undefined): FieldChange {
  return { path: kind, before, after, class: 'live', redacted: false };
}

function rolloutOf(after: LiveObject): ChangeRollout {
  const replicas = podsOf(after);
  if (after.kind !== 'Deployment') return { order: 'stop-first', atOnce: 1, gap: replicas === 1 };
  const [surge, unavailable] = [
    numberAt(after, 'spec', 'strategy', 'rollingUpdate', 'maxSurge'),
    numberAt(after, 'spec', 'strategy', 'rollingUpdate', 'maxUnavailable'),
  ];
  const order = surge > 0 ? 'start-first' : 'stop-first';
  return { order, atOnce: Math.max(1, surge + unavailable), gap: unavailable >= replicas };
}
