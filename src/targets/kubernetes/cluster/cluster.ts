import type { Failure } from '../../../lib/failure.ts';
import type { Result } from '../../../lib/result.ts';
import type { KubernetesObject } from '../objects.ts';
import type { LiveObject } from '../live/live-object.ts';
import type { Kind } from './kinds.ts';

/** How an object is applied. */
export interface ApplyOptions {
  /** Nothing is kept: what would become of it is the answer. */
  readonly dryRun: boolean;
  /** Fields that others have set are taken over. */
  readonly force: boolean;
}

/** What is read of the log of a pod. */
export interface PodLogOptions {
  /** There may be more than the app's in a pod: what a cluster injects. */
  readonly container: string;
  /** Lines, counted from the end; null: all of them. */
  readonly lines: number | null;
  readonly follow: boolean;
  /** RFC 3339. */
  readonly since?: string;
  /** Of the container before the present one. */
  readonly previous?: true;
}

/** One namespace of a cluster, as it is asked and changed. Whatever goes wrong is a failure with the way out. */
export interface Cluster {
  /** Release of Kubernetes: 28 is 1.28. null: it does not say. */
  readonly minor: number | null;
  /** Objects of a kind, all of them or those with such labels. */
  list(kind: Kind, selector?: string): Promise<Result<readonly LiveObject[], Failure>>;
  /** null: there is none. */
  get(kind: Kind, name: string): Promise<Result<LiveObject | null, Failure>>;
  /** Server-side apply as the field manager `stateward`; gives the object as it is, or would be, afterwards. */
  apply(object: KubernetesObject | LiveObject, options: ApplyOptions): Promise<Result<LiveObject, Failure>>;
  /** Deletes this very object, and what it has made; one that is gone is fine. */
  remove(object: LiveObject): Promise<Result<void, Failure>>;
  /** Lines of a pod, each with its time in front; a failure is the last of them. A pod that has no log yet has none. */
  logs(pod: string, options: PodLogOptions): AsyncIterable<Result<string, Failure>>;
}
