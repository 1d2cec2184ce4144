import { ownLabels, selectorLabels } from '../names.ts';
import type { KubernetesObject } from '../objects.ts';
import { objectPorts } from '../pod/ports.ts';
import type { KubernetesApp } from '../settings.ts';

/** One address for all pods of an app; `headless`: a name for each of them, which a StatefulSet needs. */
export function service(app: KubernetesApp, kind: 'shared' | 'headless'): KubernetesObject | null {
  const ports = objectPorts(app.spec).map(({ name, port, protocol }) => ({
    name,
    port,
    targetPort: port,
    protocol,
  }));
  if (ports.length === 0 && kind === 'shared') return null;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: kind === 'headless' ? headlessName(app) : app.name,
      namespace: app.settings.namespace,
      labels: ownLabels(app),
    },
    spec: {
      ...(kind === 'headless' && { clusterIP: 'None' }),
      selector: selectorLabels(app),
      ...(ports.length > 0 && { ports }),
    },
  };
}

export function headlessName({ name }: KubernetesApp): string {
  return `${name}-pods`;
}

/** Keeps a drain of nodes from taking more pods than a rollout may. null: one pod cannot stand in for itself. */
export function disruptionBudget(app: KubernetesApp): KubernetesObject | null {
  const { instances, rollout, autostart } = app.spec;
  if (instances < 2 || !autostart) return null;
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: app.name, namespace: app.settings.namespace, labels: ownLabels(app) },
    spec: {
      maxUnavailable: Math.min(instances - 1, Math.max(1, rollout.max_unavailable)),
      selector: { matchLabels: selectorLabels(app) },
    },
  };
}
