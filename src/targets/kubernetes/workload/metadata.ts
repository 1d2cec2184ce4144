import { declaredLabels, labelValue, lostLabels, ownLabels } from '../names.ts';
import { warning, type Finding } from '../../model/rendered.ts';
import type { ObjectMeta } from '../objects.ts';
import type { KubernetesApp } from '../settings.ts';

/** Labels and annotations of the object that makes the pods. What people say of an app is here alone: it restarts nothing. */
export function workloadMeta(app: KubernetesApp): ObjectMeta {
  const { spec, project } = app;
  const declared = declaredLabels(spec.labels);
  return {
    name: app.name,
    namespace: app.settings.namespace,
    labels: {
      ...declared.labels,
      ...ownLabels(app),
      ...(spec.namespace !== 'default' && { 'stateward.dev/namespace': labelValue(spec.namespace) }),
    },
    annotations: {
      ...declared.annotations,
      'stateward.dev/app': `${project}/${spec.name}`,
      ...(spec.protect && { 'stateward.dev/protect': 'true' }),
    },
  };
}

export function metadataFindings({ spec }: KubernetesApp): readonly Finding[] {
  return lostLabels(spec.labels).map((key) =>
    warning('labels', `${key} cannot be the name of a label there`),
  );
}
