import type { AppKey } from '../../../lib/app-key.ts';
import { labelValue } from '../names.ts';
import type { KubernetesObject } from '../objects.ts';
import { at, fieldsAt, isFields, listAt, textAt, type Fields } from './fields.ts';

/** Who stateward is among those who change objects. */
export const FIELD_MANAGER = 'stateward';

/** An object as a cluster has it. */
export interface LiveObject extends Fields {
  readonly kind: string;
  readonly metadata: Fields & { readonly name: string };
}

/** null: no object of the API. */
export function liveObject(value: unknown, kind: string): LiveObject | null {
  const name = textAt(value, 'metadata', 'name');
  if (!isFields(value) || name === undefined) return null;
  // Always in one order, as people read them.
  const { apiVersion, metadata: _, ...rest } = value;
  return { apiVersion, kind, metadata: { ...fieldsAt(value, 'metadata'), name }, ...rest };
}

/** `Deployment/api` */
export function objectKey({
  kind,
  metadata,
}: Pick<LiveObject, 'kind' | 'metadata'> | KubernetesObject): string {
  return `${kind}/${metadata.name}`;
}

export function labelOf(object: Pick<LiveObject, 'metadata'> | KubernetesObject, label: string): string {
  return textAt(object, 'metadata', 'labels', label) ?? '';
}

/** What objects of one app have in common: the name of the app as it is there. */
export function appNameOf(object: Pick<LiveObject, 'metadata'> | KubernetesObject): string {
  return labelOf(object, 'app.kubernetes.io/name');
}

/** The app that an object says it is of; undefined: it does not say. */
export function annotatedApp(object: Pick<LiveObject, 'metadata'>): AppKey | undefined {
  return textAt(object, 'metadata', 'annotations', 'stateward.dev/app') as AppKey | undefined;
}

/** What selects the objects of a project. */
export function projectSelector(project: string): string {
  return `app.kubernetes.io/managed-by=stateward,app.kubernetes.io/part-of=${labelValue(project)}`;
}

/** Whether stateward has applied it: what others have given the same labels is not ours. */
export function isOurs(object: LiveObject): boolean {
  return listAt(object, 'metadata', 'managedFields').some(
    (entry) => entry['manager'] === FIELD_MANAGER && entry['operation'] === 'Apply',
  );
}

/** Who else has set a field, by its path in `managedFields`: `f:spec`, `f:replicas`. */
export function otherManagerOf(object: LiveObject, ...path: readonly string[]): string | undefined {
  const other = listAt(object, 'metadata', 'managedFields').find(
    (entry) => entry['manager'] !== FIELD_MANAGER && at(entry, 'fieldsV1', ...path) !== undefined,
  );
  return other === undefined ? undefined : (textAt(other, 'manager') ?? '');
}

/** What of an object the server alone writes. */
const SERVER_FIELDS: readonly string[] = [
  ...['managedFields', 'resourceVersion', 'generation', 'uid', 'creationTimestamp', 'selfLink'],
];
/** Annotations that controllers keep books in. */
const SERVER_ANNOTATIONS = /^(?:deployment\.kubernetes\.io|kubectl\.kubernetes\.io\/last-applied)/;

/** What somebody wants of an object, without what the server makes of it: equal for objects that mean the same. */
export function wanted({ status: _, ...object }: LiveObject): LiveObject {
  const { annotations, ...meta } = object.metadata;
  const kept = Object.entries(fieldsAt(annotations)).filter(([key]) => !SERVER_ANNOTATIONS.test(key));
  const own = Object.entries(meta).filter(([key]) => !SERVER_FIELDS.includes(key));
  return {
    ...object,
    kind: object.kind,
    metadata: {
      ...Object.fromEntries(own),
      name: object.metadata.name,
      ...(kept.length > 0 && { annotations: Object.fromEntries(kept) }),
    },
  };
}
