import { objectPorts } from './ports.ts';
import { containerCommand } from '../../container/command.ts';
import { containerEnvironment } from './environment.ts';
import { podEnding } from './lifecycle.ts';
import { labelValue, ownLabels } from '../names.ts';
import { containerProbes } from './probes.ts';
import { containerResources, securityContext } from './resources.ts';
import { inContainer, type KubernetesApp } from '../settings.ts';

/** What makes pods of one kind differ from those of another. */
export interface PodOptions {
  readonly restartPolicy: 'Always' | 'Never';
  /** Where the slot is read; absent: the pods of an app are all alike. */
  readonly slotField?: string;
}

/** The template of the pods of an app: `metadata` and `spec`. */
export function podTemplate(app: KubernetesApp, options: PodOptions): Readonly<Record<string, unknown>> {
  const { terminationGracePeriodSeconds } = podEnding(app);
  const { version } = app.spec;
  return {
    metadata: {
      labels: {
        ...ownLabels(app),
        ...(version !== null && { 'app.kubernetes.io/version': labelValue(version) }),
      },
    },
    spec: {
      restartPolicy: options.restartPolicy,
      terminationGracePeriodSeconds,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      ...securityContext(app.spec),
      containers: [container(app, options)],
    },
  };
}

function container(app: KubernetesApp, { slotField }: PodOptions): Readonly<Record<string, unknown>> {
  const { spec, settings, name } = app;
  const ports = objectPorts(spec).map(({ name, port, protocol }) => ({
    name,
    containerPort: port,
    protocol,
  }));
  const { lifecycle } = podEnding(app);
  const { env = [], ...environment } = containerEnvironment(app);
  const slot =
    slotField === undefined
      ? []
      : [{ name: spec.instance_var, valueFrom: { fieldRef: { fieldPath: slotField } } }];
  return {
    name,
    image: spec.image ?? settings.image ?? '',
    ...containerCommand(inContainer(app)),
    ...environment,
    ...(env.length + slot.length > 0 && { env: [...slot, ...env] }),
    ...(ports.length > 0 && { ports }),
    ...containerProbes(app),
    ...containerResources(spec),
    ...(lifecycle !== undefined && { lifecycle }),
    ...(spec.stdin === 'open' && { stdin: true }),
    ...(spec.tty && { tty: true }),
  };
}
