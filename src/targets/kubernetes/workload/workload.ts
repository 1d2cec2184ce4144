import { error, onlyRendered, warning, type Finding } from '../../model/rendered.ts';
import { selectorLabels } from '../names.ts';
import { workloadMeta } from './metadata.ts';
import { seconds, type KubernetesObject } from '../objects.ts';
import { podTemplate } from '../pod/pod.ts';
import { headlessName } from './service.ts';
import type { KubernetesApp } from '../settings.ts';

/** What a node may need to fetch an image and a scheduler to find a node, on top of what the app may take. */
const PULL_SECONDS = 60;
const SLOT_FIELD = "metadata.labels['apps.kubernetes.io/pod-index']";

/** Whether an instance is told which one it is: by a variable that somebody has given a name. */
export function hasSlots({ spec }: KubernetesApp): boolean {
  return spec.instance_var !== 'NODE_APP_INSTANCE';
}

/** Instances that are all alike. */
export function deployment(app: KubernetesApp): KubernetesObject {
  const { rollout } = app.spec;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: workloadMeta(app),
    spec: {
      ...common(app),
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: { maxSurge: rollout.max_surge, maxUnavailable: rollout.max_unavailable },
      },
      minReadySeconds: seconds(rollout.min_ready),
      progressDeadlineSeconds: progressSeconds(app),
      template: podTemplate(app, { restartPolicy: 'Always' }),
    },
  };
}

/** Instances of which each keeps its number. */
export function statefulSet(app: KubernetesApp): KubernetesObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: workloadMeta(app),
    spec: {
      ...common(app),
      serviceName: headlessName(app),
      podManagementPolicy: 'Parallel',
      updateStrategy: { type: 'RollingUpdate' },
      minReadySeconds: seconds(app.spec.rollout.min_ready),
      template: podTemplate(app, { restartPolicy: 'Always', slotField: SLOT_FIELD }),
    },
  };
}

function common(app: KubernetesApp): Readonly<Record<string, unknown>> {
  return {
    replicas: app.spec.autostart ? app.spec.instances : 0,
    selector: { matchLabels: selectorLabels(app) },
  };
}

function progressSeconds({ spec }: KubernetesApp): number {
  const { deadline, min_ready } = spec.rollout;
  return seconds((deadline ?? spec.listen_timeout) + min_ready) + PULL_SECONDS;
}

export function workloadFindings(app: KubernetesApp): readonly Finding[] {
  const { spec, perProcessor, settings } = app;
  const isPerProcessor = perProcessor?.has(spec.name) === true;
  return [
    ...(spec.image === undefined && settings.image === null
      ? [
          error(
            'image',
            'there is none',
            'name one at the app, at targets.kubernetes, or with --image; apply makes one for targets.kubernetes.registry',
          ),
        ]
      : []),
    ...(isPerProcessor
      ? [error('instances', 'depends on the processors of a host, and a pod is one process', 'give a number')]
      : []),
    ...(spec.increment_var === null
      ? []
      : [
          error(
            'increment_var',
            'nothing adds numbers there',
            'add the slot in the program: see instance_var',
          ),
        ]),
    ...(spec.autostart
      ? []
      : [warning('autostart', 'every apply takes it back to no pods there', 'leave it out of the file')]),
    ...(spec.schedule === null && spec.autorestart ? rolloutFindings(app) : []),
    ...Object.keys(spec.depends_on)
      .sort()
      .map((name) =>
        onlyRendered(
          warning(
            'depends_on',
            `nothing waits there for ${name}`,
            'apply --target kubernetes does; the objects are in that order',
          ),
        ),
      ),
  ];
}

function rolloutFindings(app: KubernetesApp): readonly Finding[] {
  const { max_surge, max_unavailable, parallel, on_failure } = app.spec.rollout;
  const slots = hasSlots(app);
  return [
    ...(on_failure === 'rollback'
      ? [
          onlyRendered(
            warning(
              'rollout.on_failure',
              'a rollout that fails stays where it is there',
              'kubectl rollout undo takes it back, and so does apply --target kubernetes by itself',
            ),
          ),
        ]
      : []),
    ...(on_failure === 'continue'
      ? [warning('rollout.on_failure', 'a rollout that fails stays where it is there')]
      : []),
    ...(slots && max_surge > 0
      ? [warning('rollout.max_surge', 'pods with a number are replaced one by one there, the old one first')]
      : []),
    ...(slots && max_unavailable > 1 ? [warning('rollout.max_unavailable', 'is 1 there')] : []),
    ...(slots && app.spec.rollout.deadline !== null
      ? [warning('rollout.deadline', 'no rollout of pods with a number fails there')]
      : []),
    ...(!slots && parallel < max_surge + max_unavailable
      ? [warning('rollout.parallel', `${max_surge + max_unavailable} are replaced at the same time there`)]
      : []),
  ];
}
