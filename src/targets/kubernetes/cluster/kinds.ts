/** Kinds of objects that are read or written, and where the API has them. */
const KINDS = {
  Deployment: { group: 'apps', versions: ['v1'], plural: 'deployments' },
  StatefulSet: { group: 'apps', versions: ['v1'], plural: 'statefulsets' },
  ReplicaSet: { group: 'apps', versions: ['v1'], plural: 'replicasets' },
  ControllerRevision: { group: 'apps', versions: ['v1'], plural: 'controllerrevisions' },
  CronJob: { group: 'batch', versions: ['v1', 'v1beta1'], plural: 'cronjobs' },
  Job: { group: 'batch', versions: ['v1'], plural: 'jobs' },
  Service: { group: '', versions: ['v1'], plural: 'services' },
  ConfigMap: { group: '', versions: ['v1'], plural: 'configmaps' },
  Pod: { group: '', versions: ['v1'], plural: 'pods' },
  PodDisruptionBudget: { group: 'policy', versions: ['v1', 'v1beta1'], plural: 'poddisruptionbudgets' },
  HorizontalPodAutoscaler: {
    group: 'autoscaling',
    versions: ['v2', 'v1'],
    plural: 'horizontalpodautoscalers',
  },
} as const;

export type Kind = keyof typeof KINDS;

/** Kinds that stateward makes: what there is of a project. */
export const OWN_KINDS = [
  ...([
    'Deployment',
    'StatefulSet',
    'CronJob',
    'Job',
    'Service',
    'ConfigMap',
    'PodDisruptionBudget',
  ] as const),
] satisfies readonly Kind[];

export function isKind(text: string): text is Kind {
  return Object.hasOwn(KINDS, text);
}

/** Versions that a server has of each group. */
export type ServedVersions = ReadonlyMap<string, readonly string[]>;

/** `policy/v1`: the newest version of a kind that is known here and there. null: the server has none. */
export function apiVersionOf(kind: Kind, served: ServedVersions): string | null {
  const { group, versions } = KINDS[kind];
  if (group === '') return 'v1';
  const version = versions.find((one) => served.get(group)?.includes(one));
  return version === undefined ? null : `${group}/${version}`;
}

/** Path of the objects of a kind in a namespace, or of one of them. */
export function pathOf(kind: Kind, apiVersion: string, namespace: string, name?: string): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const path = `${root}/namespaces/${encodeURIComponent(namespace)}/${KINDS[kind].plural}`;
  return name === undefined ? path : `${path}/${encodeURIComponent(name)}`;
}
