import { setTimeout as sleep } from 'node:timers/promises';
import type { Failure } from '../../../lib/failure.ts';
import { ok, type Result } from '../../../lib/result.ts';
import type { TargetWaiting } from '../../model/target.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { isKind, type Kind } from '../cluster/kinds.ts';
import { allOf } from '../live/look-at.ts';
import { objectKey, projectSelector, type LiveObject } from '../live/live-object.ts';
import type { AppKey } from '../../../lib/app-key.ts';
import { progressOf, type Progress, type WorkloadParts } from './progress.ts';

const LOOK_MS = 1000;
const GONE = { state: 'failed', message: 'somebody has removed it', isLate: false, trouble: null } as const;

/** A workload that is waited for. */
export interface Awaited {
  readonly app: AppKey;
  readonly project: string;
  /** `Deployment/api`; as it was when it was applied. */
  readonly workload: LiveObject;
}

/** How each of them ended; those that are missing had not when the time was over, or somebody interrupted. */
export type Ended = ReadonlyMap<AppKey, Exclude<Progress, { readonly state: 'progressing' }>>;

/** Looks again and again until all have ended, `deadline` (of the monotonic clock) has come, or somebody interrupts. */
export async function waitFor(
  cluster: Cluster,
  awaited: readonly Awaited[],
  { deadline, signal, said }: { readonly deadline: number } & Pick<TargetWaiting, 'signal' | 'said'>,
): Promise<Result<Ended, Failure>> {
  const ended = new Map<AppKey, Exclude<Progress, { readonly state: 'progressing' }>>();
  const last = new Map<AppKey, string>();
  for (;;) {
    const open = awaited.filter(({ app }) => !ended.has(app));
    if (open.length === 0) return ok(ended);
    const seen = await partsOf(cluster, open);
    if (!seen.ok) return seen;
    for (const { app } of open) {
      const parts = seen.value.get(app);
      const progress: Progress = parts === undefined ? GONE : progressOf(parts);
      if (progress.state !== 'progressing') ended.set(app, progress);
      else if (last.get(app) !== progress.message) {
        last.set(app, progress.message);
        said(`${app}: ${progress.message}`);
      }
    }
    if (signal.aborted || performance.now() >= deadline) return ok(ended);
    if (ended.size < awaited.length) await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Workloads as they are now, each with what belongs to it; those that are gone are missing. */
async function partsOf(
  cluster: Cluster,
  awaited: readonly Awaited[],
): Promise<Result<ReadonlyMap<AppKey, WorkloadParts>, Failure>> {
  const wants = awaited.map(({ workload }) => workload.kind).filter(isKind);
  const kinds: readonly Kind[] = [...new Set<Kind>([...wants, 'ReplicaSet', 'Pod'])];
  const projects = [...new Set(awaited.map(({ project }) => project))];
  const lists = await allOf(
    projects.flatMap((project) => kinds.map((kind) => ({ project, kind }))),
    ({ project, kind }) => cluster.list(kind, projectSelector(project)),
  );
  if (!lists.ok) return lists;
  const found = lists.value.flat();
  const of = (kind: string): readonly LiveObject[] => found.filter((object) => object.kind === kind);
  const now = new Map(found.map((object) => [objectKey(object), object]));
  return ok(
    new Map(
      awaited.flatMap(({ app, workload }): readonly (readonly [AppKey, WorkloadParts])[] => {
        const present = now.get(objectKey(workload));
        if (present === undefined) return [];
        return [[app, { workload: present, replicaSets: of('ReplicaSet'), pods: of('Pod') }]];
      }),
    ),
  );
}
