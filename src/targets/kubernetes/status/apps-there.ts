import type { Failure } from '../../../lib/failure.ts';
import { ok, type Result } from '../../../lib/result.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { AppObjects } from '../live/app-objects.ts';
import { projectSelector } from '../live/live-object.ts';
import { allOf } from '../live/look-at.ts';
import type { FoundProject } from '../live/plan-document.ts';
import { appObjects } from '../live/project-objects.ts';
import type { MadeOfApp } from './app-status.ts';

/** An app of a project, declared or left over, and what the cluster has made for it. */
export interface AppThere {
  readonly app: AppObjects;
  readonly project: FoundProject;
  readonly parts: MadeOfApp;
}

/** All apps of some projects; the pods of each project are asked for once. */
export async function appsThere(
  cluster: Cluster,
  projects: readonly FoundProject[],
): Promise<Result<readonly AppThere[], Failure>> {
  const pods = await allOf(projects, ({ project }) => cluster.list('Pod', projectSelector(project)));
  if (!pods.ok) return pods;
  return ok(
    projects.flatMap((project, index) => {
      const { histories, runs } = project;
      const parts = { histories, runs, pods: pods.value[index] ?? [] };
      return appObjects(project, { prune: true, only: null }).map((app) => ({ app, project, parts }));
    }),
  );
}
