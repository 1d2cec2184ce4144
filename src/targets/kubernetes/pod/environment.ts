import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../lib/values/canonical-json.ts';
import { error, warning, type Finding } from '../../model/rendered.ts';
import { plainVariables, secretVariables } from '../../model/variables.ts';
import { ownLabels } from '../names.ts';
import type { KubernetesObject } from '../objects.ts';
import type { KubernetesApp } from '../settings.ts';

/** A variable of a container: its value, or where it is read. */
export interface ContainerVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: Readonly<Record<string, unknown>>;
}

/** What a pod gets its variables from. */
export interface ContainerEnvironment {
  readonly envFrom?: readonly Readonly<Record<string, unknown>>[];
  readonly env?: readonly ContainerVariable[];
}

/** Secrets that have to be there, each with the keys that it has to have. */
export interface NeededSecret {
  readonly name: string;
  readonly keys: readonly string[];
}

/** Of a key of a ConfigMap or Secret. */
const KEY = /^[-._a-zA-Z0-9]+$/;
const HASH_LENGTH = 10;

/** The variables that are no secrets, in a ConfigMap whose name changes with them, so that new ones start new pods. */
export function configMap(app: KubernetesApp): KubernetesObject | null {
  const data = plainVariables(app.spec);
  if (Object.keys(data).length === 0) return null;
  const hash = createHash('sha256').update(canonicalJson(data)).digest('hex').slice(0, HASH_LENGTH);
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: `${app.name}-env-${hash}`,
      namespace: app.settings.namespace,
      labels: ownLabels(app),
    },
    data,
    immutable: true,
  };
}

/** A secret is never rendered: a reference stands in its place. */
export function containerEnvironment(app: KubernetesApp): ContainerEnvironment {
  const map = configMap(app);
  const name = secretObject(app);
  const { env_from } = app.spec;
  const env = secretVariables(app.spec).map((key): ContainerVariable => ({
    name: key,
    valueFrom: { secretKeyRef: { name, key, ...(env_from[key]?.optional === true && { optional: true }) } },
  }));
  return {
    ...(map !== null && { envFrom: [{ configMapRef: { name: map.metadata.name } }] }),
    ...(env.length > 0 && { env }),
  };
}

/** The Secret that an app refers to, which nobody here makes. */
export function neededSecret(app: KubernetesApp): NeededSecret | null {
  const keys = secretVariables(app.spec).filter((name) => app.spec.env_from[name]?.optional !== true);
  return keys.length === 0 ? null : { name: secretObject(app), keys };
}

export function environmentFindings({ spec, root }: KubernetesApp): readonly Finding[] {
  const names = [...Object.keys(spec.env), ...Object.keys(spec.env_from)];
  const paths = Object.entries(plainVariables(spec)).filter(([, value]) => value.includes(root));
  return [
    ...names
      .filter((name) => !KEY.test(name))
      .map((name) => error('env', `no variable can be called ${JSON.stringify(name)} there`)),
    ...paths.map(([name]) =>
      warning('env', `${name} names a folder of this host`, 'a relative path means the same in both places'),
    ),
    ...Object.entries(spec.env_from)
      .filter(([, { default: fallback }]) => fallback !== undefined)
      .map(([name]) =>
        warning('env', `the default of ${name} is not known there: the Secret has to have it`),
      ),
  ];
}

function secretObject({ name, settings }: KubernetesApp): string {
  return settings.secret ?? `${name}-secrets`;
}
