import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { isKind, OWN_KINDS, type Kind } from '../cluster/kinds.ts';
import type { KubernetesObject } from '../objects.ts';
import { renderKubernetes } from '../render.ts';
import type { KubernetesProject } from '../settings.ts';
import type { ComparedObject } from './app-objects.ts';
import { fieldsAt, numberAt, textAt } from './fields.ts';
import { tooOldFor, unheeded } from './heeded.ts';
import {
  isOurs,
  labelOf,
  objectKey,
  otherManagerOf,
  projectSelector,
  type LiveObject,
} from './live-object.ts';
import type { ProjectObjects } from './project-objects.ts';

/** A project as it is there, and what the server says would become of it. Nothing is changed. */
export interface LookedAt extends ProjectObjects {
  /** Objects of the file, as they are to be applied. */
  readonly declared: readonly KubernetesObject[];
  /** Jobs that CronJobs have made. */
  readonly runs: readonly LiveObject[];
  /** Keys of objects whose number of pods somebody else decides. */
  readonly autoscaled: ReadonlySet<string>;
  /** Fields that others have set, one failure for each object. */
  readonly conflicts: readonly Failure[];
  /** False: whoever asks may not try an apply, so it is not known what would become of anything. */
  readonly isKnown: boolean;
}

/** Requests under way at the same time. */
const AT_ONCE = 8;

/** `force`: fields that others have set are taken over; null: they would be, and who may not apply sees what is there. */
export async function lookAt(
  cluster: Cluster,
  project: KubernetesProject,
  force: boolean | null,
): Promise<Result<LookedAt, Failure>> {
  const selector = projectSelector(project.project);
  const kinds: readonly Kind[] = [...OWN_KINDS, 'ReplicaSet', 'ControllerRevision'];
  const [lists, autoscalers] = await Promise.all([
    allOf(kinds, (kind) => cluster.list(kind, selector)),
    cluster.list('HorizontalPodAutoscaler'),
  ]);
  if (!lists.ok) return lists;
  // Whoever may not see autoscalers has none that it knows of.
  const autoscaled = autoscaledKeys(autoscalers.ok ? autoscalers.value : []);
  const isHistory = ({ kind }: LiveObject): boolean => kind === 'ReplicaSet' || kind === 'ControllerRevision';
  const found = lists.value.flat();
  const owned = found.filter((object) => !isHistory(object) && isOurs(object));
  const there = new Map(owned.map((object) => [objectKey(object), object]));
  const { objects } = renderKubernetes([project]);
  const compared = await allOf(objects, (object) =>
    compare(object, { cluster, force, autoscaled, there: there.get(objectKey(object)) }),
  );
  if (!compared.ok) return compared;
  return ok({
    ...{ project: project.project, apps: project.apps, owned, autoscaled },
    histories: found.filter(isHistory),
    runs: found.filter((object) => object.kind === 'Job' && !isOurs(object)),
    declared: objects,
    compared: compared.value.map(({ one }) => one),
    conflicts: compared.value.flatMap(({ conflict }) => conflict ?? []),
    isKnown: compared.value.every((one) => one.isKnown),
  });
}

interface Looking {
  readonly cluster: Cluster;
  readonly force: boolean | null;
  readonly autoscaled: ReadonlySet<string>;
  readonly there: LiveObject | undefined;
}

interface Compared {
  readonly one: ComparedObject;
  readonly conflict: Failure | null;
  readonly isKnown: boolean;
}

async function compare(
  declared: KubernetesObject,
  { cluster, force, autoscaled, there }: Looking,
): Promise<Result<Compared, Failure>> {
  const { kind } = declared;
  if (!isKind(kind)) throw new Error(`no kind of ours: ${kind}`);
  // Whoever only asks what there is, or takes it away, has nothing to do with what is of somebody else.
  const found =
    there === undefined && force !== null ? await cluster.get(kind, declared.metadata.name) : ok(there);
  if (!found.ok) return found;
  const live = found.value ?? null;
  if (live !== null) {
    const foreign = foreignOf(live, declared);
    if (foreign !== null)
      return ok({ one: { object: declared, live, after: live }, conflict: foreign, isKnown: true });
  }
  const isScaled = live !== null && autoscaled.has(objectKey(declared));
  const object = isScaled ? withoutReplicas(declared, live) : declared;
  const tried = await tryApply(object, cluster, force ?? true);
  if (tried.ok)
    return ok({
      one: { object, live, after: tried.value.after },
      conflict: tried.value.conflict,
      isKnown: true,
    });
  // Whoever only asks what is there, or takes it back, is not kept from that by a file that cannot be applied.
  if (force !== null || !['PERMISSION', 'TARGET_REFUSED'].includes(tried.error.code)) return tried;
  const after = live ?? { ...object, metadata: { ...object.metadata } };
  return ok({ one: { object, live, after }, conflict: null, isKnown: false });
}

/** Why an object is another project's, so that not even force takes it over; null: it is not. */
function foreignOf(live: LiveObject, declared: KubernetesObject): Failure | null {
  const [owner, own] = [live, declared].map((object) => labelOf(object, 'app.kubernetes.io/part-of'));
  if (!isOurs(live) || owner === '' || owner === own) return null;
  return {
    code: 'TARGET_CONFLICT',
    message: `${objectKey(live)}: it is of the project ${owner}, which stateward has applied to this namespace too`,
    hint: 'have one of the two projects in another namespace (targets.kubernetes.namespace), or rename the app',
  };
}

/** What an object would be after an apply, and who else has set what it sets. */
async function tryApply(
  object: KubernetesObject,
  cluster: Cluster,
  force: boolean,
): Promise<Result<{ readonly after: LiveObject; readonly conflict: Failure | null }, Failure>> {
  const old = tooOldFor(object, cluster.minor);
  if (old !== null) return err(old);
  const asked = await cluster.apply(object, { dryRun: true, force });
  const isConflict = !asked.ok && asked.error.code === 'TARGET_CONFLICT';
  const tried = isConflict ? await cluster.apply(object, { dryRun: true, force: true }) : asked;
  if (!tried.ok) return tried;
  const left = unheeded(object, tried.value);
  return left === null ? ok({ after: tried.value, conflict: isConflict ? asked.error : null }) : err(left);
}

/**
 * The number of pods as the autoscaler has it. A field that stateward has set and no longer sends would go back to its
 * default, which is one pod: where nobody else has set it, the number that is there is sent again.
 */
function withoutReplicas(object: KubernetesObject, live: LiveObject): KubernetesObject {
  const { replicas: _, ...spec } = object.spec ?? {};
  const isTaken = otherManagerOf(live, 'f:spec', 'f:replicas') !== undefined;
  return { ...object, spec: isTaken ? spec : { ...spec, replicas: numberAt(live, 'spec', 'replicas') } };
}

function autoscaledKeys(autoscalers: readonly LiveObject[]): ReadonlySet<string> {
  return new Set(
    autoscalers.map((autoscaler) => {
      const target = fieldsAt(autoscaler, 'spec', 'scaleTargetRef');
      return `${textAt(target, 'kind') ?? ''}/${textAt(target, 'name') ?? ''}`;
    }),
  );
}

/** One answer for each item, in their order, or the first failure. */
export async function allOf<T, R>(
  items: readonly T[],
  ask: (item: T) => Promise<Result<R, Failure>>,
): Promise<Result<readonly R[], Failure>> {
  const answers: R[] = [];
  const failures: Failure[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length && failures.length === 0) {
      const index = next;
      next += 1;
      const answer = await ask(items[index] as T);
      if (answer.ok) answers[index] = answer.value;
      else failures.push(answer.error);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const [failure] = failures;
  return failure === undefined ? ok(answers) : err(failure);
}
