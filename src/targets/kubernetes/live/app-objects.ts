import type { AppKey } from '../../../lib/app-key.ts';
import type { AppSpec } from '../../../spec/types.ts';
import type { KubernetesObject } from '../objects.ts';
import { numberAt } from './fields.ts';
import type { LiveObject } from './live-object.ts';

/** Kinds that make pods. */
const WORKLOADS: readonly string[] = ['Deployment', 'StatefulSet', 'CronJob', 'Job'];

/** An object as the file has it, beside what is there and what applying it would make of that. */
export interface ComparedObject {
  readonly object: KubernetesObject;
  /** null: there is none. */
  readonly live: LiveObject | null;
  /** As the server says that it would be. */
  readonly after: LiveObject;
}

/** Everything that a plan knows of one app. */
export interface AppObjects {
  readonly key: AppKey;
  /** null: the file does not declare it. */
  readonly spec: AppSpec | null;
  readonly compared: readonly ComparedObject[];
  /** What is there and ours, and that the file does not ask for any more. */
  readonly stale: readonly LiveObject[];
  /** What is there, ours, and has to stay for a rollback: variables that earlier pods were started with. */
  readonly kept: readonly LiveObject[];
}

export function isWorkload({ kind }: { readonly kind: string }): boolean {
  return WORKLOADS.includes(kind);
}

/** Pods that an object is to have; a CronJob has none of its own. */
export function podsOf(object: LiveObject | KubernetesObject | null | undefined): number {
  switch (object?.kind) {
    case 'Deployment':
    case 'StatefulSet':
      return numberAt(object, 'spec', 'replicas');
    case 'Job':
      return Math.max(1, numberAt(object, 'spec', 'parallelism'));
    default:
      return 0;
  }
}
