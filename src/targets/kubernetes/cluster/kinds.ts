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
  'Deployment',
  'StatefulSet',
  'CronJob',
  'Job',
  'Service',
  'ConfigMap',
  'PodDisruptionBudget',
] as const satisfies readonly Kind[];

export function isKind(text: string): text is Kind {
  return Object.hasOwn(KINDS, text);
}

export const ALL_KINDS = Object.keys(KINDS).filter(isKind);

/** Versions that are known here, newest first: `policy/v1`, `policy/v1beta1`. */
export function groupVersions(kind: Kind): string[] {
  const { group, versions } = KINDS[kind];
  return versions.map((version) => (group === '' ? version : `${group}/${version}`));
}

export function pluralOf(kind: Kind): string {
  return KINDS[kind].plural;
}

/** Path of the objects of a kind in a namespace, or of one of them. */
export function pathOf(kind: Kind, apiVersion: string, namespace: string, name?: string): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const path = `${root}/namespaces/${encodeURIComponent(namespace)}/${KINDS[kind].plural}`;
  return name === undefined ? path : `${path}/${encodeURIComponent(name)}`;
}
